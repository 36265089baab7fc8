"""Holds what a loopback Discord and its clients say to each other against Discord's own documents."""

from .gateway import GatewayValidator
from .openapi import OPENAPI_MISSING, OpenApiValidator, openapi_path
from .recorder import Recorder

__all__ = ["OPENAPI_MISSING", "GatewayValidator", "OpenApiValidator", "Recorder", "openapi_path"]
