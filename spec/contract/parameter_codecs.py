"""How the parameters of a contract travel, each beside the others of its place."""

from __future__ import annotations

from typing import TypeAlias

from spec.contract.contract import Contract
from spec.contract.media_codecs import media_codec
from spec.model.contract_model import Direction, Operation, Parameter
from spec.text.query_strings import QueryStringCodec
from spec.text.styles import Codec, codec

__all__ = ["ParameterCodec", "parameter_codec"]

ParameterCodec: TypeAlias = Codec | QueryStringCodec


def parameter_codec(
    contract: Contract, operation: Operation, parameter: Parameter
) -> ParameterCodec:
    """How a parameter of an operation is written and read."""
    if parameter.location == "querystring" and parameter.content is not None:
        content = parameter.content
        body = media_codec(contract, content, Direction.REQUEST)
        return QueryStringCodec(media_type=content.name, body=body)
    beside = [one.name for one in operation.parameters if one.location == parameter.location]
    return codec(parameter, lambda schema: contract.standalone(schema, Direction.REQUEST), beside)
