"""`python -m clipzy_server.rest.openapi` prints the document as docs/openapi.json has it."""

import json
import sys

from clipzy_server.rest.openapi.document import build_document
from clipzy_server.rest.services import ROUTES

sys.stdout.write(json.dumps(build_document(ROUTES), indent=1, ensure_ascii=False) + "\n")
