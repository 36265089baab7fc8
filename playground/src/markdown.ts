/** Discord's Markdown as elements: parsed into a tree first, so that no text is ever read as markup. */
import { SimpleMarkdown, rulesExtended } from "discord-markdown-parser";

import { type Child, add, h } from "./dom";
import { webAddress } from "./links";
import type { Store } from "./store";
import { styled } from "./times";

interface Node_ {
  type: string;
  content?: Node_[] | string;
  items?: Node_[][];
  ordered?: boolean;
  start?: number;
  target?: string;
  id?: string;
  name?: string;
  fullName?: string;
  timestamp?: string;
  format?: string;
  level?: number;
  lang?: string;
}

type Parse = (source: string, state: State) => Node_[];
interface State {
  inline?: boolean;
  inQuote?: boolean;
  prevCapture?: RegExpExecArray | null;
}

/** Deeper than any text that means something; what nests deeper is shown as it was written. */
const DEEPEST = 24;
const LIST = /^(?: {0,8}(?:[-*]|\d{1,9}\.) +[^\n]+(?:\n|$))+/;
const ITEM = /^ *(?:[-*]|(\d+)\.) +/;

/** The parser knows no lists, Discord does. */
const list = {
  order: SimpleMarkdown.defaultRules.heading.order,
  match(source: string, state: State) {
    const before = state.prevCapture?.[0] ?? "\n";
    return before.endsWith("\n") ? LIST.exec(source) : null;
  },
  parse(capture: RegExpExecArray, parse: Parse, state: State): Node_ {
    const lines = capture[0].replace(/\n$/, "").split("\n");
    const number = ITEM.exec(lines[0] ?? "")?.[1];
    const items = lines.map((line) => parse(line.replace(ITEM, ""), { ...state, prevCapture: null }));
    return { type: "list", items, ordered: number !== undefined, start: Number(number ?? 1) };
  },
};

const parser = SimpleMarkdown.parserFor({ ...rulesExtended, list } as never) as unknown as Parse;

/** Text as it is shown; mentions get the names that this seat knows. */
export function markdown(text: string, store: Store): DocumentFragment {
  const fragment = document.createDocumentFragment();
  let nodes: Node_[];
  try {
    nodes = parser(text, { inline: true });
  } catch (error) {
    // Text that nests so deep that the parser gives up is still to be read, as it was written.
    if (!(error instanceof RangeError)) throw error;
    nodes = [{ type: "text", content: text }];
  }
  draw(fragment, nodes, store, 0);
  return fragment;
}

const SIGNS: Record<string, string> = { channel: "#", slash: "/" };

/** Text without its formatting, for places that show one line. */
export function plain(text: string, store: Store): string {
  const drawn = markdown(text, store);
  // What stands before a name is drawn by its component.
  for (const each of drawn.querySelectorAll("discord-mention")) each.prepend(SIGNS[each.getAttribute("type") ?? ""] ?? "@");
  return (drawn.textContent ?? "").replace(/\s+/g, " ").trim();
}

function draw(target: Element | DocumentFragment, content: Node_["content"], store: Store, depth: number): void {
  if (typeof content === "string") add(target, content);
  else for (const node of content ?? []) add(target, drawn(node, store, depth));
}

function within(element: HTMLElement, node: Node_, store: Store, depth: number): HTMLElement {
  if (depth >= DEEPEST) add(element, textOf(node));
  else draw(element, node.content, store, depth + 1);
  return element;
}

function textOf(node: Node_): string {
  if (typeof node.content === "string") return node.content;
  return (node.content ?? []).map(textOf).join("");
}

const WRAPPERS: Record<string, string> = { strong: "strong", em: "em", underline: "u", strikethrough: "s" };

function drawn(node: Node_, store: Store, depth: number): Child {
  const wrapper = WRAPPERS[node.type];
  if (wrapper) return within(h(wrapper), node, store, depth);
  switch (node.type) {
    case "text":
    case "escape":
      return within(h("span", { class: "text" }), node, store, depth);
    case "br":
    case "newline":
      return "\n";
    case "inlineCode":
      return h("code", {}, textOf(node));
    case "codeBlock":
      return h("pre", { tabindex: 0 }, h("code", {}, textOf(node)));
    case "blockQuote":
      return within(h("blockquote"), node, store, depth);
    case "heading":
      // Headings of a message are no headings of the page.
      return within(h("div", { class: `heading heading-${node.level ?? 1}` }), node, store, depth);
    case "subtext":
      return within(h("div", { class: "subtext" }), node, store, depth);
    case "spoiler":
      return spoiler(within(h("span"), node, store, depth));
    case "list":
      return drawList(node, store, depth);
    case "link":
    case "url":
    case "autolink":
      return link(node, store, depth);
    case "timestamp":
      return h("span", { class: "stamp" }, styled(Number(node.timestamp), node.format ?? "f"));
    default:
      return mention(node, store);
  }
}

function drawList(node: Node_, store: Store, depth: number): HTMLElement {
  const items = (node.items ?? []).map((item) => {
    const element = h("li");
    draw(element, item, store, depth + 1);
    return element;
  });
  return node.ordered ? h("ol", { start: node.start ?? 1 }, ...items) : h("ul", {}, ...items);
}

/** A link, unless its address is none of the web's or its text pretends to be another address. */
function link(node: Node_, store: Store, depth: number): Child {
  const target = node.target ?? "";
  const address = webAddress(target);
  const label = textOf(node);
  const inside = insideLink(address ?? "", store);
  if (inside) return inside;
  const pretends = node.type === "link" && webAddress(label) !== null && webAddress(label) !== address;
  if (address === null || pretends) return node.type === "link" ? `[${label}](${target})` : label;
  const anchor = h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow", title: address });
  return within(anchor, node, store, depth);
}

const MESSAGE_LINK = /^https:\/\/(?:\w+\.)?discord(?:app)?\.com\/channels\/(\d+)\/(\d+)(?:\/(\d+))?\/?$/;

/** A link into this very server leads there, as in Discord's client; the view listens for what it is named after. */
function insideLink(address: string, store: Store): HTMLElement | null {
  const [, guild, channelId, messageId] = MESSAGE_LINK.exec(address) ?? [];
  const channel = store.channels.get(channelId ?? "");
  if (guild !== store.guild.id || !channel) return null;
  const jump = { type: "button", class: "jump", "data-channel-id": channel.id, "data-message-id": messageId };
  return h("button", jump, `#${channel.name ?? ""}${messageId ? " › message" : ""}`);
}

function spoiler(inside: HTMLElement): HTMLElement {
  const cover = h("button", { type: "button", class: "spoiler", "aria-expanded": "false", "aria-label": "Spoiler: show" });
  inside.hidden = true;
  cover.append(inside);
  cover.addEventListener("click", () => {
    inside.hidden = !inside.hidden;
    cover.setAttribute("aria-expanded", String(!inside.hidden));
    if (inside.hidden) cover.setAttribute("aria-label", "Spoiler: show");
    else cover.removeAttribute("aria-label");
  });
  return cover;
}

function mention(node: Node_, store: Store): Child {
  const named = (type: string, text: string): HTMLElement => h("discord-mention", { type }, text);
  switch (node.type) {
    case "user": {
      const member = store.members.get(node.id ?? "");
      const element = named("user", member ? store.nameOf(member.user) : "unknown-user");
      if (node.id === store.me.id) element.setAttribute("highlight", "");
      return element;
    }
    case "role":
      return named("role", store.guild.roles.find((role) => role.id === node.id)?.name ?? "deleted-role");
    case "channel":
      return named("channel", store.channels.get(node.id ?? "")?.name ?? "deleted-channel");
    case "slashCommand":
      return named("slash", node.fullName ?? "");
    case "everyone":
    case "here":
      return named("user", node.type);
    case "emoji":
      return `:${node.name ?? "emoji"}:`;
    case "guildNavigation":
      return named("channel", node.id ?? "");
    case "twemoji":
      return h("span", { class: "emoji" }, node.name ?? "");
    default:
      return textOf(node);
  }
}
