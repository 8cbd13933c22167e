-- Puts the server's final error body and status on REST answers, and success statuses and lengths that HttpBody
-- cannot carry. Native gRPC and gRPC-Web calls pass untouched.
--
-- The server sends: `x-clipzy-error` (the whole JSON body), `x-clipzy-http-status`, `x-clipzy-length`. A caller's own
-- headers of that prefix are removed before this filter sees them.

local GENERIC_BODY = '{"success":false,"message":"Internal error","error":{"detail":"The request failed inside the server.","code":"INTERNAL_ERROR"}}'
local UNAVAILABLE_BODY = '{"success":false,"message":"Service unavailable","error":{"detail":"The server cannot be reached now; try again.","code":"UNAVAILABLE"}}'
local DEADLINE_BODY = '{"success":false,"message":"Deadline exceeded","error":{"detail":"The request took longer than its deadline.","code":"DEADLINE_EXCEEDED"}}'
local MEDIA_TYPE_BODY = '{"success":false,"message":"Unsupported media type","error":{"detail":"gRPC is not taken here.","code":"UNSUPPORTED_MEDIA_TYPE"}}'
local MALFORMED_BODY = '{"success":false,"message":"Malformed request","error":{"detail":"The request could not be read.","code":"VALIDATION_ERROR"}}'

-- gRPC statuses that can arise without the server's own error trailers.
local WITHOUT_BODY = {
  -- Cancelled, though its caller waits: a server that stops leaves the calls behind that it has not begun.
  ["1"] = { "503", UNAVAILABLE_BODY },
  ["3"] = { "400", MALFORMED_BODY },
  ["4"] = { "504", DEADLINE_BODY },
  ["14"] = { "503", UNAVAILABLE_BODY },
}
local INTERNAL = { "500", GENERIC_BODY }
local GRPC_ON_REST = { "415", MEDIA_TYPE_BODY }
local PRIVATE = { "x-clipzy-error", "x-clipzy-http-status", "x-clipzy-length" }
local GRPC = { "grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-encoding", "grpc-accept-encoding" }

local function is_rest(path)
  return path ~= nil and path:sub(1, 5) == "/api/"
end

-- A tus client that cannot send PATCH or DELETE names the method in a header of its POST. It counts nowhere else.
local OVERRIDABLE = { PATCH = true, DELETE = true, HEAD = true }

local function override_method(handle, headers)
  local method = headers:get("x-http-method-override")
  headers:remove("x-http-method-override")
  if OVERRIDABLE[method] and headers:get(":method") == "POST" and headers:get(":path"):find("^/api/v1/videos/uploads/") then
    headers:replace(":method", method)
    handle:clearRouteCache()
  end
end

local function remove_all(headers, names)
  for _, name in ipairs(names) do
    headers:remove(name)
  end
end

function envoy_on_request(handle)
  local headers = handle:headers()
  if not is_rest(headers:get(":path")) then
    return
  end
  override_method(handle, headers)
  local metadata = handle:streamInfo():dynamicMetadata()
  metadata:set("clipzy", "rest", headers:get(":method"))
  -- The transcoder would let gRPC through as it is; as bytes of no known type it is refused like any other. Envoy's own
  -- refusals still take gRPC's form then.
  if (headers:get("content-type") or ""):sub(1, 16) == "application/grpc" then
    headers:replace("content-type", "application/octet-stream")
    metadata:set("clipzy", "grpc", "1")
  end
end

local function fail(handle, headers, fallback, method)
  local body = headers:get("x-clipzy-error")
  headers:replace(":status", body and headers:get("x-clipzy-http-status") or fallback[1])
  headers:replace("content-type", "application/json")
  -- On HTTP/1 a body in the answer to HEAD would be read as the next answer.
  if method ~= "HEAD" then
    handle:body(true):setBytes(body or fallback[2])
  end
end

local function succeed(handle, headers)
  local status = headers:get("x-clipzy-http-status")
  if status then
    headers:replace(":status", status)
  end
  -- Answers without a body: the transcoder would call their nothing JSON.
  if status == "201" or status == "204" then
    headers:remove("content-type")
  end
  if status == "204" then
    headers:remove("content-length")
  end
  local length = headers:get("x-clipzy-length")
  if length then
    headers:replace("content-length", length)
    -- In HTTP/1 only the end of the connection can tell that a file broke off. HTTP/2 resets the stream; to announce the
    -- end of the connection there makes clients lose the last bytes.
    if handle:streamInfo():protocol() == "HTTP/1.1" then
      handle:streamInfo():drainConnectionUponCompletion()
    end
  end
end

function envoy_on_response(handle)
  local metadata = handle:streamInfo():dynamicMetadata():get("clipzy")
  if metadata == nil or metadata["rest"] == nil then
    return
  end
  local headers = handle:headers()
  local status = headers:get("grpc-status")
  if status ~= nil and status ~= "0" then
    local fallback = metadata["grpc"] and GRPC_ON_REST or WITHOUT_BODY[status] or INTERNAL
    fail(handle, headers, fallback, metadata["rest"])
  else
    succeed(handle, headers)
  end
  remove_all(headers, PRIVATE)
  remove_all(headers, GRPC)
end
