/* The page at /__mock/: what is served, what waits, and what came. */
import { ask, byId, tell } from "./dom.js";
import { empty, follow, showOlder, sift as siftRequests } from "./journal.js";
import { showOperations, sift as siftOperations } from "./operations.js";
import { markAgain, showScenarios } from "./scenarios.js";

const LOOK = 3000;
let served = "";

async function look() {
  const health = await ask("health");
  const now = JSON.stringify(health.contracts.map((one) => one.sha256));
  if (now === served) return showScenarios();
  served = now;
  const named = health.contracts.map((one) => `${one.title} ${one.version}`);
  byId("title").textContent = named.length > 4 ? `${named.length} contracts` : named.join(", ");
  document.title = `${health.contract.title}${named.length > 1 ? ", …" : ""} – mock server`;
  showOperations(await ask("operations"));
  return markAgain();
}

/* A contract that was edited is shown anew, and scenarios that others have told. */
async function lookAgain() {
  if (!document.hidden) await look().catch(() => told(false));
  setTimeout(lookAgain, LOOK);
}

function told(isLive) {
  byId("live").textContent = isLive ? "live" : "the mock does not answer";
  byId("live").className = isLive ? "good" : "bad";
}

async function reset() {
  await ask("reset", { method: "POST" });
  empty();
  await showScenarios();
  tell("The mock is as it was at its start.");
}

async function start() {
  byId("search").addEventListener("input", siftOperations);
  byId("filter").addEventListener("input", siftRequests);
  byId("older").addEventListener("click", showOlder);
  byId("reset").addEventListener("click", () => reset().catch((problem) => tell(String(problem))));
  follow(told);
  // What fails at the first look is told, and seen at the next.
  await look().catch((problem) => tell(String(problem)));
  setTimeout(lookAgain, LOOK);
}

start();
