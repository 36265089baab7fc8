/** Pictures of people, drawn here: the first letters of a name on a colour that goes with the account. */
import type { User } from "./types";

const COLOURS = ["#3b6e8f", "#7a5195", "#a03e6b", "#b3541e", "#4f7a28", "#20756c", "#5b5fa8", "#8a5a2b"];
const BOT_COLOUR = "#2f6f8f";
const XML: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

const known = new Map<string, string>();

/** The address of somebody's picture, as data. */
export function avatar(user: User): string {
  const name = user.global_name ?? user.username;
  const key = `${user.id} ${name}`;
  let address = known.get(key);
  if (address === undefined) {
    const colour = user.bot ? BOT_COLOUR : (COLOURS[Number(BigInt(user.id) % BigInt(COLOURS.length))] ?? BOT_COLOUR);
    address = draw(initials(name), colour);
    known.set(key, address);
  }
  return address;
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/u).slice(0, 2);
  return words.map((word) => [...word][0] ?? "").join("").toUpperCase() || "?";
}

function draw(letters: string, colour: string): string {
  const text = letters.replace(/[&<>"']/g, (letter) => XML[letter] ?? "");
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="${colour}"/>` +
    `<text x="20" y="26" text-anchor="middle" font-family="sans-serif" font-size="16" font-weight="600" fill="#fff">` +
    `${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
