// Whatever comes from the server is shown with textContent or as the value of a field, never as HTML.
import { draw } from "./chart.js";

const get = id => document.getElementById(id);
const clinic = get("clinic");
const fields = ["name", "ward", "born", "bloodGroup", "allergy", "note"];
const answersShown = 8;
const secondsShown = 60;
const pollMilliseconds = 1000;

const shownAfterOutage = 10_000;

const perSecond = [];
let lastStats = null;
let isPolling = false;
let awaySince = null;
let backAt = null;
let shown = null;

get("read").addEventListener("click", read);
get("drop").addEventListener("click", drop);
get("remove").addEventListener("click", remove);
get("list").addEventListener("click", list);
get("toggle-redis").addEventListener("click", toggleRedis);
get("patient").addEventListener("submit", save);
get("patient-id").addEventListener("keydown", event => {
  if (event.key === "Enter") {
    read();
  }
});

setInterval(poll, pollMilliseconds);
await Promise.all([fillWards(), countVisit(), poll()]);
clinic.dataset.ready = "true";

async function read() {
  const answer = await askAboutPatient("GET", "/patients/");
  if (answer) {
    show(answer.source, answer.elapsedMilliseconds);
    edit(answer.patient);
    say(answer.source === "cache" ? "The cache had it." : "The cache did not have it; now it does. Read it again.");
  }
}

async function save(event) {
  event.preventDefault();
  const form = get("patient");
  const changes = {};
  for (const field of fields) {
    const value = form.elements[field].value;
    if (value !== shown[field]) {
      changes[field] = value;
    }
  }
  const answer = await ask("PUT", `/patients/${shown.id}`, changes);
  if (answer) {
    show(answer.source, answer.elapsedMilliseconds);
    edit(answer.patient);
    say("Saved in the store, then written to the cache.");
  }
}

async function remove() {
  const answer = await askAboutPatient("DELETE", "/patients/");
  if (answer) {
    show("store", answer.elapsedMilliseconds);
    edit(null);
    say("Removed from the store and from the cache, until the sample starts again.");
  }
}

async function drop() {
  const answer = await askAboutPatient("DELETE", "/cache/");
  if (answer) {
    show("cache", answer.elapsedMilliseconds);
    say("The cache has forgotten this patient, the store has not.");
  }
}

async function list() {
  const answer = await ask("GET", `/wards/${encodeURIComponent(get("ward").value)}`);
  if (answer) {
    get("ward-summary").textContent = `${answer.patients.length} patients in ${format(answer.elapsedMilliseconds)}: ${answer.hits} from the cache, ${answer.misses} from the store.`;
    get("ward-patients").replaceChildren(...answer.patients.map(row));
  }
}

async function toggleRedis() {
  const answer = await ask("POST", lastStats.running ? "/redis/stop" : "/redis/start");
  if (answer) {
    showToggle(answer.running);
    say(answer.running ? "Redis runs again, and is empty." : "Redis is stopped. Read, save and remove: the application goes on without its cache.");
  }
}

function row({ source, elapsedMilliseconds, patient }) {
  const open = document.createElement("button");
  open.type = "button";
  open.textContent = "Open";
  open.dataset.patientId = patient.id;
  open.setAttribute("aria-label", `Open patient ${patient.id}`);
  open.addEventListener("click", () => {
    get("patient-id").value = patient.id;
    read();
  });
  const from = cell(source);
  from.dataset.source = source;
  const took = cell(format(elapsedMilliseconds));
  took.className = "number";
  const last = document.createElement("td");
  last.append(open);
  const line = document.createElement("tr");
  line.append(cell(patient.id), cell(patient.name), cell(patient.bloodGroup), from, took, last);
  return line;
}

function cell(text) {
  const element = document.createElement("td");
  element.textContent = text;
  return element;
}

function edit(patient) {
  shown = patient;
  get("fields").disabled = patient === null;
  get("patient").dataset.patientId = patient?.id ?? "";
  get("version").textContent = patient?.version ?? "–";
  for (const field of fields) {
    get("patient").elements[field].value = patient?.[field] ?? "";
  }
}

function show(source, elapsedMilliseconds) {
  get("source").textContent = source === null ? "–" : source;
  get("source").dataset.source = source ?? "";
  get("elapsed").textContent = elapsedMilliseconds === null ? "–" : format(elapsedMilliseconds);
  get("elapsed").dataset.milliseconds = elapsedMilliseconds ?? "";
}

function say(text, failed = false) {
  get("message").textContent = text;
  get("message").dataset.failed = failed;
}

async function askAboutPatient(method, path) {
  const id = get("patient-id").value;
  if (id === "") {
    say("Type the id of a patient first, a whole number.", true);
    return null;
  }
  return ask(method, path + encodeURIComponent(id));
}

/** Sends a request and notes its answer; null when it was refused, which is then shown. */
async function ask(method, path, body) {
  clinic.dataset.busy = Number(clinic.dataset.busy) + 1;
  try {
    const response = await fetch(path, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
    const answer = await response.json();
    note(`${method} ${path}: ${response.ok ? told(answer) : `${response.status} ${reason(answer)}`}`);
    if (response.ok) {
      return answer;
    }
    show(null, null);
    say(reason(answer), true);
    if (response.status === 404) {
      edit(null);
    }
  } catch (fault) {
    say(`The server did not answer (${fault.message}).`, true);
  } finally {
    clinic.dataset.busy = Number(clinic.dataset.busy) - 1;
    clinic.dataset.answers = Number(clinic.dataset.answers) + 1;
  }
  return null;
}

function told(answer) {
  if (answer.running !== undefined) {
    return answer.running ? "Redis runs" : "Redis is stopped";
  }
  const took = format(answer.elapsedMilliseconds);
  if (answer.patients) {
    return `${answer.hits} from the cache, ${answer.misses} from the store, ${took}`;
  }
  return answer.source ? `from the ${answer.source}, ${took}` : `done, ${took}`;
}

function reason(problem) {
  const faults = Object.entries(problem.errors ?? {}).map(([field, rules]) => `${field} ${rules.join(" ")}`.trim());
  return faults.length > 0 ? faults.join(" ") : problem.detail ?? problem.title;
}

function note(text) {
  const item = document.createElement("li");
  item.textContent = text;
  const answers = get("answers");
  answers.prepend(item);
  while (answers.children.length > answersShown) {
    answers.lastChild.remove();
  }
}

async function fillWards() {
  const wards = await (await fetch("/wards")).json();
  for (const select of [get("ward"), get("ward-of-patient")]) {
    select.replaceChildren(...wards.map(ward => new Option(ward, ward)));
  }
  edit(null);
}

async function countVisit() {
  const response = await fetch("/session");
  get("visits").textContent = response.ok ? (await response.json()).visits : "not known";
}

async function poll() {
  if (document.hidden || isPolling) {
    return;
  }
  isPolling = true;
  try {
    if (get("keep-listing").checked) {
      await list();
    }
    const [stats, health] = await Promise.all(["/stats", "/health"].map(async path => (await fetch(path)).json()));
    showHealth(health.checks["prima-redis-cache"]);
    showToggle(stats.running);
    get("server").textContent = stats.embedded ? `${stats.server} (embedded Garnet)` : stats.server;
    get("hits").textContent = stats.hits;
    get("misses").textContent = stats.misses;
    const cache = median(stats.recent, "cache");
    const store = median(stats.recent, "store");
    get("median-cache").textContent = cache;
    get("median-store").textContent = store;
    remember(stats, health.status !== "Healthy");
    draw(get("latency-chart"), perSecond, stats.recent, `${stats.hits} hits, median ${cache}; ${stats.misses} misses, median ${store}.`);
  } catch {
    get("server").textContent = "the sample does not answer";
  } finally {
    isPolling = false;
  }
}

function showHealth({ status, description, data }) {
  get("health").textContent = status;
  get("health").dataset.health = status;
  get("breaker").textContent = data.breaker;
  get("journal").textContent = data.journal;
  get("round-trip").textContent = data.latency ?? "–";
  if (status !== "Healthy") {
    awaySince ??= Date.now();
    announce("away", description);
  } else if (awaySince !== null) {
    announce("back", `Redis is back, after ${Math.round((Date.now() - awaySince) / 1000)} s, and has caught up with what it missed.`);
    awaySince = null;
    backAt = Date.now();
  } else if (backAt !== null && Date.now() - backAt > shownAfterOutage) {
    announce("", "");
    backAt = null;
  }
}

/** A screen reader says what changes here, so nothing is written twice. */
function announce(state, text) {
  if (get("outage").textContent !== text) {
    get("outage").textContent = text;
    get("outage").dataset.health = state;
  }
}

function showToggle(running) {
  get("try-outage").hidden = running === null;
  get("toggle-redis").textContent = running ? "Stop Redis" : "Start Redis";
}

function remember(stats, isDegraded) {
  if (lastStats !== null) {
    // Less than before: the sample was started anew.
    perSecond.push({ hits: Math.max(0, stats.hits - lastStats.hits), misses: Math.max(0, stats.misses - lastStats.misses), isDegraded });
    perSecond.splice(0, perSecond.length - secondsShown);
  }
  lastStats = stats;
}

function median(recent, source) {
  const sorted = recent.filter(read => read.source === source).map(read => read.elapsedMilliseconds).sort((a, b) => a - b);
  return sorted.length === 0 ? "–" : format(sorted[Math.floor(sorted.length / 2)]);
}

function format(milliseconds) {
  return `${milliseconds < 10 ? milliseconds.toFixed(2) : milliseconds.toFixed(0)} ms`;
}
