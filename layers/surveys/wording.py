"""Sentences about a year of crop plans that screens and sheets say alike."""

from layers.surveys.crop_desk import YearOfFields


def warnings_of(year: YearOfFields) -> list[str]:
    """What is doubtful about the sums of a year."""
    return [
        *(
            f"{one.name} と {other.name}（筆ポリゴン）は同じ土地です。両方に計画があり、面積が二重に数えられています。"
            for one, other in year.doubled
        ),
        *(
            f"{one.ground.name} の計画は、いまの圃場の面積 {one.ground.area_m2:,.0f}㎡ を超えています。"
            for one in year.fields
            if one.over
        ),
        *(
            f"計画だけが残り、図形がなくなった圃場があります（{plan.key.field_id}）。合計に入っていません。"
            for plan in year.lost
        ),
    ]
