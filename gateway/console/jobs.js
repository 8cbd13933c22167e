// The list of jobs, newest first.
import { call } from "./api.js";
import { h, spaced, when } from "./dom.js";

const SIZE = 20;

export async function jobsView({ query }) {
  const page = Number(query.get("page") ?? 1);
  const status = query.get("status") ?? "";
  const { jobs, total } = await call("GET", `/jobs?page=${page}&page_size=${SIZE}${status && `&status=${status}`}`);
  const names = await namesOf(jobs);
  const filter = h("select", { id: "status", onchange: () => (location.hash = `#/jobs?status=${filter.value}`) },
    ["", "queued", "processing", "completed", "failed", "cancelled"].map((name) => h("option", { value: name, selected: name === status }, name || "all")));
  const more = (to, text) => h("a", { href: `#/jobs?page=${to}&status=${status}` }, text);
  return h("section", {},
    h("div", { class: "head" }, h("h1", {}, "Jobs"), h("div", { class: "field inline" }, h("label", { for: "status" }, "Show"), filter)),
    jobs.length ? h("ul", { class: "rows" }, jobs.map((job) => row(job, names))) : h("p", { class: "empty" }, "Nothing here yet. ", h("a", { href: "#/" }, "Start a transfer"), "."),
    h("nav", { class: "pages", "aria-label": "Pages" }, page > 1 && more(page - 1, "Newer"), page * SIZE < total && more(page + 1, "Older")));
}

/** Video id → file name; of a deleted video the id itself. */
export async function namesOf(jobs) {
  const ids = [...new Set(jobs.flatMap((job) => [job.video_id, job.template_video_id]).filter(Boolean))];
  return Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await call("GET", `/videos/${id}`).then((video) => video.filename, () => "a deleted video")])));
}

export const titleOf = (job, names) => names[job.video_id] + (job.template_video_id ? ` in the style of ${names[job.template_video_id]}` : "");

const row = (job, names) => h("li", {}, h("a", { href: `#/jobs/${job.job_id}` },
  h("strong", {}, titleOf(job, names)),
  h("span", { class: "quiet" }, when(job.created_at)),
  h("span", { class: `status ${job.status}` }, job.status === "processing" ? `${spaced(job.current_stage ?? "starting")} · ${job.progress_percent} %` : job.status)));
