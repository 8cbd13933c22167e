// Everything the page says to the server. The token lives as long as the tab.

const API = "/api/v1";
const TOKEN = "clipzy-token";
const PIECE_BYTES = 4 * 1024 * 1024;
const TUS = { "tus-resumable": "1.0.0" };
const PATIENCE_MS = [500, 1000, 2000, 4000, 8000, 15000];

export const hasToken = () => sessionStorage.getItem(TOKEN) !== null;
export const setToken = (token) => sessionStorage.setItem(TOKEN, token);
export const forgetToken = () => sessionStorage.removeItem(TOKEN);

export class Refused extends Error {
  constructor(message, { detail, code, requestId, status = 0 }) {
    super(message);
    Object.assign(this, { detail, code, requestId, status });
  }

  /** Nobody answered, or somebody who says that it will pass. */
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export async function send(method, path, { headers = {}, ...options } = {}) {
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers = { ...headers, authorization: `Bearer ${token}` };
  let answer;
  try {
    answer = await fetch(path.startsWith("/api/") ? path : API + path, { method, headers, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("Clipzy cannot be reached", { code: "UNREACHABLE", detail: "Check that it runs and that you are online; nothing is lost." });
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  const requestId = answer.headers.get("x-request-id");
  throw new Refused(said.message ?? "The request failed", { ...said.error, requestId, status: answer.status });
}

/** The `data` of an answer in the envelope. */
export async function call(method, path, body) {
  const options = body && { body: JSON.stringify(body), headers: { "content-type": "application/json", "idempotency-key": unique() } };
  return (await (await send(method, path, options)).json()).data;
}

/** The job after each of its changes until it has ended; goes on by itself when the line breaks. */
export async function* changes(jobId, signal) {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await send("GET", `/jobs/${jobId}/events`, { headers: { accept: "application/x-ndjson" }, signal });
      for await (const line of lines(answer.body)) {
        tries = 0;
        const job = JSON.parse(line);
        yield job;
        if (hasEnded(job)) return;
      }
    } catch (error) {
      if (signal.aborted || (error instanceof Refused && !error.passes)) throw error;
    }
    await pause(tries, signal);
  }
}

export const hasEnded = (job) => ["completed", "failed", "cancelled"].includes(job.status);

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    yield* parts;
  }
}

/** Sends a file by tus, going on where an earlier try of this browser stopped; answers the video's id. */
export async function upload(file, onProgress, signal) {
  const memory = `clipzy-upload ${file.name} ${file.size} ${file.lastModified}`;
  let place = localStorage.getItem(memory);
  let state = place && (await stateOf(place).catch(() => null));
  for (let tries = 0; ; ) {
    try {
      if (!state) {
        place = await begin(file);
        localStorage.setItem(memory, place);
        state = { offset: 0, videoId: null };
      }
      while (!state.videoId) {
        onProgress(state.offset / file.size);
        state = await append(place, file, state.offset, signal);
        tries = 0;
      }
      localStorage.removeItem(memory);
      onProgress(1);
      return state.videoId;
    } catch (error) {
      const retry = error instanceof Refused && (error.passes || error.status === 409) && tries < PATIENCE_MS.length;
      if (!retry) {
        if (error instanceof Refused) localStorage.removeItem(memory);
        throw error;
      }
      await pause(tries++, signal);
      state = state && (await stateOf(place).catch((missed) => (missed.passes ? state : null)));
    }
  }
}

async function begin(file) {
  const name = btoa(String.fromCharCode(...new TextEncoder().encode(file.name)));
  const headers = { ...TUS, "upload-length": String(file.size), "upload-metadata": `filename ${name}` };
  return new URL((await send("POST", "/videos/uploads", { headers })).headers.get("location"), location.href).pathname;
}

async function append(place, file, offset, signal) {
  const headers = { ...TUS, "content-type": "application/offset+octet-stream", "upload-offset": String(offset) };
  return told(await send("PATCH", place, { headers, body: file.slice(offset, offset + PIECE_BYTES), signal }));
}

const stateOf = async (place) => told(await send("HEAD", place, { headers: TUS }));

const told = (answer) => ({ offset: Number(answer.headers.get("upload-offset")), videoId: answer.headers.get("clipzy-video-id") });

/** Saves a file that only the token opens. */
export async function save(path, name) {
  const url = URL.createObjectURL(await (await send("GET", path)).blob());
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function pause(tries, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, PATIENCE_MS[Math.min(tries, PATIENCE_MS.length - 1)]);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)));
  });
}

// crypto.randomUUID is only there on HTTPS and this machine.
const unique = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
