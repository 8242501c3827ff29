"""The contract of a person as a pydantic model."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

Text = Annotated[str, Field(min_length=1, max_length=100)]


class Address(BaseModel):
    id: int | None = None
    street: str | None = Field(None, max_length=200)
    streetName: str | None = Field(None, max_length=200)
    buildingNumber: str | None = Field(None, max_length=20)
    city: str | None = Field(None, max_length=80)
    zipcode: str | None = Field(None, max_length=20)
    country: str | None = Field(None, max_length=80)
    country_code: str | None = Field(None, pattern="^[A-Z]{2}$")
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)


class Person(BaseModel):
    id: int | None = None
    firstname: Text
    lastname: Text
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    phone: str | None = Field(None, max_length=40)
    birthday: date
    gender: Literal["male", "female", "other"]
    address: Address
    website: str | None = Field(None, max_length=2000)
    image: str | None = Field(None, max_length=2000)
