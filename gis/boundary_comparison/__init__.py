"""A surveyed boundary held against the lines of a map, of which neither is sure to better than it says.

**How the two uncertainties combine.** The distance between a surveyed place and a registered line is uncertain by
U = √(L² + (1.96 σ)²), where σ is the standard error of the place along one axis and L is the limit of the map's line: how
far it may be from the truth, at 95 % or more. For a parcel of a 地番図 L is the 公差 of its 精度区分 (国土調査法施行令
別表第四), which is 2.8 to 3 times the mean square error m; since L ≥ 1.96 m, U ≥ 1.96 √(m² + σ²), so that U covers at
least 95 % where errors are normal. For a layer of which only a standard error is known, L is 1.96 times that.

**Signs.** A distance is positive outside the parcels on which the field lies and negative inside them.
"""
