"""The comments of the protos, read from the descriptor that `make gen` writes."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

import clipzy

DESCRIPTOR = Path(str(clipzy.__file__)).parent / "clipzy.pb"

Place = tuple[int, ...]

# Field numbers in a FileDescriptorProto, which the places of comments are made of.
MESSAGES, FIELDS, SERVICES, METHODS = 4, 2, 6, 2


def proto_files(package: str) -> Iterator[FileDescriptorProto]:
    """The files of a package, in the order of the descriptor."""
    files = FileDescriptorSet.FromString(DESCRIPTOR.read_bytes())
    return (file for file in files.file if file.package == package)


def comments_of(file: FileDescriptorProto) -> Mapping[Place, str]:
    """Place → the comment above it, a paragraph a line; lists keep their lines."""
    return {tuple(place.path): _unwrapped(place.leading_comments) for place in file.source_code_info.location}


def field_comments(file: FileDescriptorProto) -> Mapping[str, Mapping[str, str]]:
    """Message → field → its comment."""
    comments = comments_of(file)
    return {
        message.name: {field.name: comments.get((MESSAGES, i, FIELDS, j), "") for j, field in enumerate(message.field)}
        for i, message in enumerate(file.message_type)
    }


def _unwrapped(comment: str) -> str:
    paragraphs = re.split(r"\n\s*\n", comment.strip())
    return "\n\n".join(re.sub(r"\s*\n\s*(?!- )", " ", paragraph) for paragraph in paragraphs)
