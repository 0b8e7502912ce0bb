"""Converts records to columns of a shard: makes the Arrow schema of a record class, and reads rows
back as records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import pyarrow as pa
from pydantic import BaseModel, ValidationError

from records.errors import SchemaMismatch
from records.rows import Record
from records.shards import Line, read_rows

R = TypeVar("R", bound=Record)

_PLAIN = {
    bool: pa.bool_(),
    int: pa.int32(),
    float: pa.float64(),
    str: pa.string(),
    bytes: pa.binary(),
}


@lru_cache
def schema_of(record: type[Record]) -> pa.Schema:
    """The Arrow schema of a record class; columns have the order of its fields.

    >>> from records.rows import Reject
    >>> schema_of(Reject).names
    ['stage', 'reason', 'item_id', 'detail', 'policy']
    """
    return pa.schema(_fields(record))


def arrow_type(hint: Any) -> pa.DataType:
    """The Arrow type of a field, by its type hint.

    Texts and enums are strings, whole numbers of 32 bits unless the hint names another type, tuples
    lists, records structs. A union of records becomes a struct with the fields of all of them.

    >>> arrow_type(tuple[Annotated[int, "int64"], ...]), arrow_type(float | None)
    (ListType(list<item: int64>), DataType(double))

    Raises:
        TypeError: no column can hold this.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        named = [one for one in arguments[1:] if isinstance(one, str)]
        return pa.type_for_alias(named[0]) if named else arrow_type(arguments[0])
    if origin in (Union, UnionType):
        some = [one for one in arguments if one is not NoneType]
        if len(some) == 1:
            return arrow_type(some[0])
        return pa.struct({name: kind for one in some for name, kind in _fields(one)})
    if origin is Literal:
        return arrow_type(type(arguments[0]))
    if origin is tuple:
        return pa.list_(arrow_type(arguments[0]))
    if isinstance(hint, type):
        if issubclass(hint, BaseModel) or is_dataclass(hint):
            return pa.struct(_fields(hint))
        for plain, kind in _PLAIN.items():
            if issubclass(hint, plain):
                return kind
    raise TypeError(f"no column can hold {hint!r}")


def _fields(record: type) -> list[tuple[str, pa.DataType]]:
    hints = get_type_hints(record, include_extras=True)
    names = _stored(record) if issubclass(record, BaseModel) else hints
    return [(name, arrow_type(hints[name])) for name in names]


def _stored(record: type[BaseModel]) -> list[str]:
    return [name for name, field in record.model_fields.items() if not field.exclude]


def read_records(record: type[R], url: str) -> Iterator[R]:
    """Read the rows of a shard as records, a few in memory at a time; columns without a field are not read.

    Raises:
        SchemaMismatch: there is no such shard, another version wrote it, or its rows do not match
            the record.
    """
    for line in read_rows(url, _stored(record)):
        yield record_of(record, line, url)


def record_of(record: type[R], line: Line, where: str) -> R:
    """Read a record from a row that has its columns, and perhaps others.

    Args:
        record: Its class.
        line: The row.
        where: Where the row is from, for the message.

    Raises:
        SchemaMismatch: the row does not match the record.
    """
    try:
        return record.model_validate({n: line[n] for n in _stored(record) if n in line})
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise SchemaMismatch(
            f"{where}: a row is no {record.__name__} ({place}: {wrong['msg']}); "
            "run the stage that writes it again"
        ) from error
