// @ts-check
// MapLibre's own words in Japanese.

/** @type {Record<string, string>} */
export const MAP_WORDS = {
  "AttributionControl.ToggleAttribution": "出典を表示",
  "AttributionControl.MapFeedback": "地図への意見",
  "FullscreenControl.Enter": "全画面にする",
  "FullscreenControl.Exit": "全画面をやめる",
  "GeolocateControl.FindMyLocation": "現在地",
  "GeolocateControl.LocationNotAvailable": "現在地を取得できません",
  "LogoControl.Title": "MapLibre",
  "Map.Title": "地図（矢印キーで移動、＋と－で拡大縮小、Enterで中心の筆を選択）",
  "Marker.Title": "目印",
  "NavigationControl.ResetBearing": "北を上にする",
  "NavigationControl.ZoomIn": "拡大",
  "NavigationControl.ZoomOut": "縮小",
  "Popup.Close": "閉じる",
  "ScaleControl.Feet": "ft",
  "ScaleControl.Meters": "m",
  "ScaleControl.Kilometers": "km",
  "ScaleControl.Miles": "mi",
  "ScaleControl.NauticalMiles": "nm",
};
