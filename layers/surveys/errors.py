"""What can go wrong with surveys. What is not the asker's is not there for them: one sentence says both."""

from layers.store.errors import ForbiddenError, StoreError


class SurveyError(StoreError):
    """A survey cannot be taken, or not so."""


class NotSurveyorError(ForbiddenError):
    """The asker's post has nothing to do with surveys."""

    def __init__(self) -> None:
        super().__init__(
            "あなたの職務では、測位と圃場の画面は使えません。必要なときは、システム管理者に相談してください。"
        )


class UnknownSurveyError(SurveyError):
    """There is no such session, or none that the asker may see."""

    def __init__(self) -> None:
        super().__init__("その測位はありません。測位の一覧で確かめてください。")


class UnknownFieldError(SurveyError):
    """There is no such field, or none that the asker may see."""

    def __init__(self) -> None:
        super().__init__("その圃場はありません。圃場の一覧で確かめてください。")


class UnknownGroundError(SurveyError):
    """No parcel around a field has the number that was given for its ground."""


class SurveyRefusedError(SurveyError):
    """What was sent cannot be taken; nothing was changed."""


class TooMuchGroundError(SurveyError):
    """More lines lie round a position than a phone should carry."""


class SurveyBoundaryRefusedError(SurveyRefusedError):
    """What was recorded does not make a boundary: `reason` is the kind, `picture` an SVG of what was recorded with marks."""

    def __init__(self, sentence: str, reason: str, picture: str | None) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.picture = picture
