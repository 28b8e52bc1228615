"use strict";

/* Any well-formed credential is good at the defaults, so "try it" works without looking for one. */
function fillInCredentials(ui, contract) {
  for (const [name, scheme] of Object.entries(contract.components?.securitySchemes ?? {})) {
    const kind = scheme.type === "http" ? String(scheme.scheme).toLowerCase() : scheme.type;
    if (kind === "bearer" || kind === "apiKey") ui.preauthorizeApiKey(name, "a-made-up-token");
    if (kind === "basic") ui.preauthorizeBasic(name, "somebody", "a-made-up-password");
  }
}

function withWish(request) {
  const wish = document.getElementById("prefer").value.trim();
  if (wish && !request.loadSpec) request.headers.Prefer = wish;
  return request;
}

/* Where several contracts share the port, each has a page of its own. */
async function offerContracts() {
  const { contracts } = await (await fetch("health")).json();
  if (contracts.length < 2) return;
  const choice = Object.assign(document.createElement("select"), { ariaLabel: "Contract" });
  choice.append(...contracts.map(({ title, version }, at) => new Option(`${title} ${version}`, at + 1)));
  choice.value = new URLSearchParams(window.location.search).get("contract") ?? "1";
  choice.addEventListener("change", () => window.location.assign(`?contract=${choice.value}`));
  document.getElementById("wish").prepend(choice);
}

async function show() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", paint);
  paint();
  document.getElementById("wish").addEventListener("submit", (event) => event.preventDefault());

  await offerContracts();
  const answer = await fetch(`openapi.json${window.location.search}`);
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status} ${await answer.text()}`);
  const contract = await answer.json();
  document.title = `${contract.info?.title ?? "Contract"} – mock server`;
  const ui = SwaggerUIBundle({
    spec: contract,
    dom_id: "#documentation",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    requestInterceptor: withWish,
    onComplete: () => fillInCredentials(ui, contract),
  });
}

show().catch((problem) => {
  const notice = document.createElement("p");
  notice.className = "unreadable";
  notice.textContent = `The contract cannot be shown. ${problem}`;
  document.getElementById("documentation").replaceChildren(notice);
});
