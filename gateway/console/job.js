// One job: while it runs its stages, afterwards what it made. Its address is all it needs, so that a reload goes on.
import { call, changes, hasEnded, save } from "./api.js";
import { bytes, clock, during, h, notice, say, signed, when } from "./dom.js";
import { namesOf, titleOf } from "./jobs.js";
import { players } from "./players.js";
import { GRADE, styleView } from "./style.js";

const STAGES = {
  video_analysis: "Looking",
  audio_analysis: "Listening",
  motion_analysis: "Following motion",
  style_extraction: "Writing the Style DNA",
  style_application: "Planning the edit",
  rendering: "Rendering",
};
const ENDS = { completed: "Finished", failed: "Failed", cancelled: "Cancelled" };
const DIMENSIONS = { color: "Colour", framing: "Framing", frame_rate: "Frame rate", cuts: "Cuts a minute", transitions: "Transitions", zoom: "Zoom", audio: "Loudness" };
const UNITS = { frame_rate: " fps", zoom: " of 100", audio: " LUFS" };

export async function jobView({ parts: [jobId], signal }) {
  const job = await call("GET", `/jobs/${jobId}`);
  const names = await namesOf([job]);
  const state = h("p", { class: "lead" });
  const body = h("div");
  const place = h("div");
  const actions = h("div", { class: "row" });
  show(job);
  if (!hasEnded(job)) follow();
  else await finish(job);
  return h("article", { class: "job" },
    h("div", { class: "head" }, h("div", {}, h("h1", {}, titleOf(job, names)), state), actions), place, body);

  async function follow() {
    const progress = stages();
    body.replaceChildren(progress.element);
    progress.show(job);
    try {
      for await (const next of changes(jobId, signal)) {
        show(next);
        if (hasEnded(next)) return await finish(next);
        progress.show(next);
      }
    } catch (error) {
      if (!signal.aborted) place.replaceChildren(notice(error));
    }
  }

  function show(now) {
    state.textContent = hasEnded(now) ? `${ENDS[now.status]} ${when(now.completed_at ?? now.updated_at)}` : now.status === "queued" ? "Waiting for its turn" : remaining(now);
    if (actions.dataset.status === now.status) return;
    actions.dataset.status = now.status;
    say(hasEnded(now) ? `The job is ${now.status}` : state.textContent);
    // Somebody may be pressing the button while the job begins: it stays the same one.
    if (!hasEnded(now) && actions.hasChildNodes()) return;
    const act = (text, work, kind) => {
      const button = h("button", { type: "button", class: kind, onclick: () => during(button, place, work) }, text);
      return button;
    };
    const again = async () => (location.hash = `#/jobs/${(await call("POST", `/jobs/${jobId}/retry`)).job_id}`);
    actions.replaceChildren(...(hasEnded(now) ? [act("Run it again", again)] : [act("Cancel", () => call("POST", `/jobs/${jobId}/cancel`))]));
    if (now.status === "completed") actions.append(act("Save the film", () => save(`/jobs/${jobId}/output`, "output.mp4"), "main"));
  }

  async function finish(ended) {
    const result = await call("GET", `/jobs/${jobId}/result`);
    if (result.error) place.replaceChildren(notice({ message: result.error.message, code: result.error.code, detail: result.error.stage ? `It happened while: ${STAGES[result.error.stage].toLowerCase()}.` : "" }));
    body.replaceChildren(...(ended.status === "completed" ? made(result, names, signal) : [h("p", { class: "empty" }, "There is no output.")]));
  }
}

const remaining = (job) => (job.eta_seconds == null ? "Under way" : `About ${clock(job.eta_seconds)} to go`);

function stages() {
  const bar = h("progress", { max: 100, "aria-label": "Progress" });
  const percent = h("span", { class: "figure" });
  const share = Object.keys(STAGES).map(() => h("span"));
  const items = Object.entries(STAGES).map(([stage, name], n) => h("li", { "data-stage": stage }, name, share[n]));
  let said = null;
  const show = (job) => {
    bar.value = job.progress_percent;
    percent.textContent = `${job.progress_percent} %`;
    const now = Object.keys(STAGES).indexOf(job.current_stage);
    items.forEach((item, n) => {
      share[n].textContent = n === now ? ` ${job.stage_progress_percent} %` : "";
      item.className = n < now ? "done" : n === now ? "now" : "";
      n === now ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current");
    });
    if (job.current_stage && job.current_stage !== said) say(`${STAGES[job.current_stage]}, ${job.progress_percent} percent`);
    said = job.current_stage;
  };
  return { show, element: h("section", { class: "block stages", "aria-label": "Stages" }, percent, bar, h("ol", {}, items)) };
}

function made(result, names, signal) {
  const block = (id, title, ...content) => h("section", { class: "block", "aria-labelledby": id }, h("h2", { id }, title), content);
  return [
    result.output_video_url && players(result, names, signal),
    result.fidelity && block("fidelity", "How near it came", fidelity(result.fidelity)),
    result.style_json && block("dna", "Style DNA", styleView(result.style_json)),
    block("files", "Files", files(result.artifacts)),
    result.style_json && block("keep", "Keep this style", keep(result.job_id)),
  ].filter(Boolean);
}

const plain = (value) => (value == null ? "–" : typeof value === "number" ? signed(Number(value.toFixed(2))) : value);

const became = (template, output, unit = "") => (plain(template) === plain(output) ? plain(output) : `${plain(template)} → ${plain(output)}`) + unit;

/** The six numbers of a colour are one text, `85 / -19 / …`. */
const colours = (template, output) => Object.keys(GRADE).map((name, n) => `${name} ${became(...[template, output].map((text) => Number(text.split("/")[n])))}`).join(", ");

const fidelity = (dimensions) => h("ul", { class: "fidelity" }, Object.keys(DIMENSIONS).filter((name) => dimensions[name]).map((name) => {
  const { template, output, nearness } = dimensions[name];
  return h("li", {}, h("span", { class: "name" }, DIMENSIONS[name]),
    h("span", { class: "bar", "aria-hidden": "true" }, h("i", { style: { width: `${nearness * 100}%` } })),
    h("span", { class: "figure" }, `${Math.round(nearness * 100)} %`),
    h("span", { class: "quiet" }, name === "color" && template && output ? colours(template, output) : became(template, output, UNITS[name])));
}));

const WHAT = { "output.mp4": "The film", "report.html": "Report", "comparison.png": "Frames before and after", "style.json": "Style DNA", "grade.cube": "Colours as a LUT", "timeline.otio": "Edit for OpenTimelineIO", "timeline.edl": "Edit as CMX 3600" };

function files(artifacts) {
  const place = h("div");
  const order = Object.keys(WHAT);
  const sorted = [...artifacts].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return [place, h("ul", { class: "files" }, sorted.map(({ name, url, bytes: size }) => {
    const button = h("button", { type: "button", onclick: () => during(button, place, () => save(url, name)) }, h("strong", {}, WHAT[name] ?? name), h("span", { class: "quiet" }, `${name} · ${bytes(size)}`));
    return h("li", {}, button);
  }))];
}

function keep(jobId) {
  const name = h("input", { id: "style-name", required: true, maxlength: 100, autocomplete: "off" });
  const button = h("button", {}, "Save");
  const place = h("div");
  const submit = (event) => {
    event.preventDefault();
    during(button, place, async () => {
      const saved = await call("POST", "/styles", { name: name.value, job_id: jobId });
      place.replaceChildren(h("p", { role: "status" }, `Saved as “${saved.name}”. `, h("a", { href: `#/styles?from=${saved.style_id}` }, "See all styles")));
    });
  };
  return h("form", { class: "keep", onsubmit: submit }, h("div", { class: "field" }, h("label", { for: "style-name" }, "Name"), name), button, place);
}
