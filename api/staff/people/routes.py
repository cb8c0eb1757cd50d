"""Every address of the people's pages."""

from fastapi import APIRouter

from api.staff.people import account, administration, login

router = APIRouter()
for part in (login.router, account.router, administration.router):
    router.include_router(part)
