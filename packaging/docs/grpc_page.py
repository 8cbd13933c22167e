"""The reference of gRPC, from the descriptors of the protos and their comments."""

import re
from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet
from tables import table


def grpc_page(image: bytes) -> str:
    """Every service and message of clipzy.v1."""
    files = [each for each in FileDescriptorSet.FromString(image).file if each.package == "clipzy.v1"]
    services = [part for file in files if file.service for part in _services(file)]
    messages = [part for file in files for part in _messages(file)]
    intro = (
        "Services of `clipzy.v1`, on the same port as REST. The protos lie in `proto/clipzy/v1`; in Python they come "
        "generated with `clipzy-client`. A token travels as metadata `authorization: Bearer TOKEN`."
    )
    return "\n\n".join(["# gRPC", intro, *services, "## Messages", *messages]) + "\n"


def _comments(file: FileDescriptorProto) -> dict[tuple[int, ...], str]:
    return {
        tuple(each.path): "\n".join(line.removeprefix(" ") for line in each.leading_comments.strip("\n").split("\n"))
        for each in file.source_code_info.location
    }


def _services(file: FileDescriptorProto) -> Iterator[str]:
    comments = _comments(file)
    for number, service in enumerate(file.service):
        yield f"## {service.name}"
        yield comments[6, number]
        for index, method in enumerate(service.method):
            asked, answered = (name.rsplit(".", 1)[1] for name in (method.input_type, method.output_type))
            streams = [f"stream {asked}" if method.client_streaming else asked]
            streams.append(f"stream {answered}" if method.server_streaming else answered)
            yield f"### {service.name}.{method.name}"
            yield f"`{streams[0]}` → `{streams[1]}`"
            yield _with_list(comments[6, number, 2, index])


def _with_list(text: str) -> str:
    """A list needs an empty line before it."""
    return re.sub(r"([^\n])\n- ", r"\1\n\n- ", text, count=1)


def _messages(file: FileDescriptorProto) -> Iterator[str]:
    comments = _comments(file)
    for number, message in enumerate(file.message_type):
        yield f"### {message.name}"
        yield comments.get((4, number), "")
        rows = [
            (f"`{field.name}`", _field_type(message, field), comments.get((4, number, 2, index), ""))
            for index, field in enumerate(message.field)
        ]
        if rows:
            yield table(("field", "type", ""), rows)
    for number, enum in enumerate(file.enum_type):
        yield f"### {enum.name}"
        yield comments.get((5, number), "")
        words = ((f"`{value.name}`", comments.get((5, number, 2, index), "")) for index, value in enumerate(enum.value))
        yield table(("value", ""), words)


def _field_type(message: DescriptorProto, field: FieldDescriptorProto) -> str:
    entry = next(
        (each for each in message.nested_type if field.type_name.endswith(f".{message.name}.{each.name}")), None
    )
    if entry is not None and entry.options.map_entry:
        return f"map of {_field_type(entry, entry.field[0])} to {_field_type(entry, entry.field[1])}"
    named = field.type_name.rsplit(".", 1)[-1]
    kind = named or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"repeated {kind}"
    return f"optional {kind}" if field.proto3_optional else kind
