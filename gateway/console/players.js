// Template, footage and output, played together. The edit tells which moment of the footage each moment of the output
// shows and which part of its picture, so that before and after are the same moment of the same thing.
import { call, send } from "./api.js";
import { bytes, clock, h, notice } from "./dom.js";

const AT_ONCE_BYTES = 200e6;
const DRIFT_S = 0.12;

export function players(result, names, signal) {
  const output = film("Output", "output", signal), footage = film("Footage", "footage", signal), template = result.template_video_id && film("Template", "template", signal);
  const films = [template, footage, output].filter(Boolean);
  const place = h("div");
  let sourceOf = (time) => ({ time });

  const play = h("button", { type: "button", class: "round", "aria-label": "Play", disabled: true, onclick: () => (output.video.paused ? start() : stop()) }, h("span", { "aria-hidden": "true" }));
  const seek = h("input", { type: "range", min: 0, max: 1000, value: 0, step: 1, "aria-label": "Position", oninput: () => (output.video.currentTime = (seek.value / 1000) * output.video.duration) });
  const time = h("span", { class: "time" }, "0:00");
  const wipe = h("input", { type: "range", class: "wipe", min: 0, max: 100, value: 50, "aria-label": "Wipe: how much of the footage is seen", oninput: () => stage.style.setProperty("--wipe", `${wipe.value}%`) });
  const heard = h("select", { id: "heard", onchange: hear }, films.toReversed().map((one) => h("option", {}, one.title)), h("option", {}, "Nothing"));
  const modes = [["wipe", "Wipe"], ["side", "Side by side"]].map(([mode, text]) => h("label", {}, h("input", { type: "radio", name: "mode", value: mode, checked: mode === "wipe", onchange: () => (stage.dataset.mode = mode) }), text));
  const stage = h("div", { class: "stage", "data-mode": "wipe" }, template?.element, footage.element, output.element, wipe);

  const others = films.filter((one) => one !== output);
  const target = (one) => (one === template ? output.video.currentTime % (template.video.duration || 1) : sourceOf(output.video.currentTime).time);
  const align = (tolerance) => {
    others.forEach((one) => Math.abs(one.video.currentTime - target(one)) > tolerance && one.video.readyState && (one.video.currentTime = target(one)));
    crop(footage.video, sourceOf(output.video.currentTime));
  };
  function hear() {
    films.forEach((one) => (one.video.muted = one.title !== heard.value));
  }
  function start() {
    films.forEach((one) => one.video.src && one.video.play().catch(() => {}));
    frame();
  }
  function stop() {
    films.forEach((one) => one.video.pause());
    align(0);
  }
  function frame() {
    const { currentTime, duration, paused } = output.video;
    seek.value = (currentTime / duration) * 1000 || 0;
    time.textContent = `${clock(currentTime)} / ${clock(duration || 0)}`;
    seek.setAttribute("aria-valuetext", time.textContent);
    if (paused || signal.aborted) return;
    align(DRIFT_S);
    others.forEach((one) => one.video.src && one.video.paused && one.video.play().catch(() => {}));
    requestAnimationFrame(frame);
  }
  output.video.addEventListener("play", () => play.setAttribute("aria-label", "Pause"));
  output.video.addEventListener("pause", () => play.setAttribute("aria-label", "Play"));
  output.video.addEventListener("ended", stop);
  for (const event of ["seeked", "loadedmetadata"]) output.video.addEventListener(event, () => output.video.paused && (align(0), frame()));
  for (const one of others) one.video.addEventListener("loadedmetadata", () => align(0));
  output.video.addEventListener("loadeddata", () => (play.disabled = false));
  output.video.addEventListener("loadedmetadata", () => {
    const aspect = output.video.videoWidth / output.video.videoHeight;
    stage.style.setProperty("--aspect", aspect);
    stage.dataset.shape = aspect < 1 ? "tall" : "wide";
  });

  hear();
  output.load(() => Promise.resolve({ path: `/jobs/${result.job_id}/output`, size: result.artifacts.find(({ name }) => name === "output.mp4").bytes }));
  const input = (id) => async () => ({ path: `/videos/${id}/file`, size: (await call("GET", `/videos/${id}`)).file_size_bytes });
  footage.load(input(result.video_id));
  template?.load(input(result.template_video_id));
  send("GET", `/jobs/${result.job_id}/artifacts/timeline.otio`, { signal }).then((answer) => answer.json()).then((timeline) => ((sourceOf = mapOf(timeline)), align(0)))
    .catch((error) => signal.aborted || place.replaceChildren(notice(error)));

  return h("section", { class: "players", "aria-label": "Before and after" }, stage,
    h("div", { class: "controls" }, play, seek, time,
      h("fieldset", { class: "modes" }, h("legend", { class: "unseen" }, "Compare"), modes),
      h("div", { class: "field inline" }, h("label", { for: "heard" }, "Sound"), heard)), place);
}

/** Output second → footage second and the crop's keys around it, from OpenTimelineIO's clips. */
function mapOf(timeline) {
  const track = timeline.tracks.children.find(({ kind }) => kind === "Video");
  const seconds = ({ value, rate }) => value / rate;
  let at = 0;
  const clips = track.children.filter(({ source_range }) => source_range).map(({ source_range: range, metadata }) => ({ at: (at += seconds(range.duration)) - seconds(range.duration), from: seconds(range.start_time), keys: metadata.clipzy?.crop ?? [] }));
  return (time) => {
    const clip = clips.findLast((one) => one.at <= time + 1e-3) ?? { at: 0, from: 0, keys: [] };
    return { time: clip.from + time - clip.at, keys: clip.keys };
  };
}

/** Lets the wipe show what the output shows of the picture: the crop between two keys, in pixels of the picture. */
function crop(video, { time, keys = [] }) {
  if (!keys.length || !video.videoWidth) return;
  const next = keys.find((key) => key.time_s > time) ?? keys.at(-1);
  const last = keys.findLast((key) => key.time_s <= time) ?? keys[0];
  const share = next === last ? 0 : (time - last.time_s) / (next.time_s - last.time_s);
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => last[name] + share * (next[name] - last[name]));
  const places = { left: -x / width, top: -y / height, width: video.videoWidth / width, height: video.videoHeight / height };
  for (const [name, of] of Object.entries(places)) video.style.setProperty(`--${name}`, `${100 * of}%`);
}

function film(title, name, signal) {
  const video = h("video", { playsinline: true, preload: "auto", "aria-label": title, muted: true });
  const veil = h("div", { class: "veil" }, "Loading");
  const element = h("figure", { class: `film ${name}` }, h("div", { class: "picture" }, video, veil), h("figcaption", {}, title));
  video.addEventListener("loadedmetadata", () => element.style.setProperty("--own", video.videoWidth / video.videoHeight || 1));
  video.addEventListener("loadeddata", () => (veil.hidden = true));
  video.addEventListener("error", () => (veil.textContent = "This browser cannot play this format."));

  async function load(find) {
    try {
      const { path, size } = await find();
      if (size > AT_ONCE_BYTES && !(await asked(size))) return;
      const blob = await (await send("GET", path, { signal })).blob();
      if (signal.aborted) return;
      video.src = URL.createObjectURL(blob);
      signal.addEventListener("abort", () => URL.revokeObjectURL(video.src));
    } catch (error) {
      if (!signal.aborted) veil.textContent = error.status === 404 ? "This video was deleted." : error.message;
    }
  }
  const asked = (size) => new Promise((resolve) => veil.replaceChildren(h("button", { type: "button", onclick: () => ((veil.textContent = "Loading"), resolve(true)) }, `Load ${bytes(size)}`)));
  return { title, video, element, load };
}
