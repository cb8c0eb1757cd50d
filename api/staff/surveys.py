"""Surveys over HTTP: records taken from phones, each once, and the fields that were made of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from api.origins import refuse_foreign_writes
from api.problems_described import problems_told
from api.staff.context import Calling, OpenStore, origin_of
from layers.surveys.records import store_records
from layers.surveys.wire import MOST_RECORDS

router = APIRouter(prefix="/surveys", tags=["surveys"], dependencies=[Depends(refuse_foreign_writes)])


class Batch(BaseModel):
    """Records of one device, of any kind and in any order."""

    model_config = ConfigDict(extra="forbid")

    device: UUID
    records: list[dict[str, object]] = Field(max_length=MOST_RECORDS)


@router.post("/records", responses=problems_told(403, 422))
def records(store: OpenStore, caller: Calling, request: Request, batch: Annotated[Batch, Body()]) -> dict[str, object]:
    """Keep records: each once by its id; what cannot be kept is told by its id, and hinders no other."""
    return store_records(store, caller, origin_of(request), batch.device, batch.records).as_json()
