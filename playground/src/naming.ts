/** Names in what one writes: completed while typing, turned into mentions when sent. */
import type { Store } from "./store";

const BEGUN = /(?:^|\s)([@#])([^@#\n]{0,32})$/u;
const MOST = 8;

function names(store: Store): { shown: string; sent: string }[] {
  const people = [...store.members.values()].map(({ user }) => ({ shown: `@${store.nameOf(user)}`, sent: `<@${user.id}>` }));
  const channels = store.visibleChannels().map((each) => ({ shown: `#${each.name ?? ""}`, sent: `<#${each.id}>` }));
  return [...people, ...channels];
}

/** The names that what stands before the cursor may become. */
export function completions(before: string, store: Store): string[] {
  const found = BEGUN.exec(before);
  if (!found) return [];
  const begun = `${found[1] ?? ""}${found[2] ?? ""}`.toLowerCase();
  const fitting = names(store).map((each) => each.shown).filter((each) => each.toLowerCase().startsWith(begun));
  return fitting.filter((each) => each.toLowerCase() !== begun).slice(0, MOST);
}

/** Text as it is sent: names of people and channels as mentions, the longest name first. */
export function written(text: string, store: Store): string {
  const known = names(store).filter((each) => each.shown.length > 1).sort((a, b) => b.shown.length - a.shown.length);
  if (known.length === 0) return text;
  const escaped = known.map((each) => each.shown.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}<])(?:${escaped.join("|")})(?![\\p{L}\\p{N}])`, "giu");
  const sent = new Map(known.map((each) => [each.shown.toLowerCase(), each.sent]));
  return text.replace(pattern, (name) => sent.get(name.toLowerCase()) ?? name);
}
