/* An answer as a client would get it, before it is forced. */
import { code, element, pretty, span } from "./dom.js";

/* Its requests are no client's: the list leaves them out by this key. */
export const PREVIEW_KEY = "mock-page-preview";
const PLAYED = { image: "img", audio: "audio", video: "video" };

export function wishOf(status, example) {
  const number = /^\d+$/.test(status) ? status : { default: "500" }[status] ?? `${status[0]}00`;
  return { status: Number(number), prefer: `code=${number}${example ? `, example="${example}"` : ""}` };
}

export async function preview(operation, status, example, place) {
  const target = operation.path.replace(/\{[^}]*\}/g, "1");
  const answer = await fetch(target, {
    method: operation.method,
    headers: { Prefer: wishOf(status, example).prefer, "X-Mock-Key": PREVIEW_KEY },
  });
  const type = answer.headers.get("content-type") ?? "";
  const shown = element("div", element("p", [code(answer.status), span(` ${type || "no body"}`, "quiet")]), {
    className: "preview",
  });
  place.replaceChildren(shown);
  const player = PLAYED[type.split("/")[0]];
  if (player) {
    const source = URL.createObjectURL(await answer.blob());
    shown.append(player === "img" ? picture(source, "the answer") : element(player, [], { src: source, controls: true }));
    return;
  }
  const text = element("pre", "", { tabIndex: 0 });
  if (type) shown.append(text);
  await arrive(answer, text);
  shown.append(...pictures(text.textContent));
  if (type.includes("json")) text.textContent = pretty(text.textContent);
}

function picture(source, alt) { return element("img", [], { src: source, alt }); }

/* The images that a text carries in it. */
export function pictures(text) {
  const found = text.match(/data:image\/[a-z+.-]+;base64,[A-Za-z0-9+/=]+/g) ?? [];
  return [...new Set(found)].slice(0, 8).map((source) => picture(source, "an image of the answer"));
}

/* A stream is shown as it comes. */
async function arrive(answer, place) {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  for (let step = await reader?.read(); step && !step.done; step = await reader.read()) {
    place.append(decoder.decode(step.value, { stream: true }));
  }
}
