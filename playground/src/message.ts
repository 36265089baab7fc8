/** One message as an element. */
import { avatar } from "./avatar";
import { drawControls } from "./controls";
import { ICONS, add, h, icon } from "./dom";
import { drawAttachments, drawEmbed } from "./embed";
import { markdown, plain } from "./markdown";
import type { Page } from "./page";
import { clockTime, sameDay, spoken } from "./times";
import { type Message, MessageFlag, MessageType, type Reaction } from "./types";

/** Messages of one person so close together share one head, as in Discord's client. */
const TOGETHER_MS = 7 * 60 * 1000;
const LONGEST_QUOTE = 160;

export function isEphemeral(message: Message): boolean {
  return (message.flags & MessageFlag.ephemeral) !== 0;
}

export function isThinking(message: Message): boolean {
  return (message.flags & MessageFlag.loading) !== 0;
}

/** Whether a message continues the one before it, without a head of its own. */
export function continues(message: Message, before: Message | undefined): boolean {
  if (!before || before.author.id !== message.author.id || message.type !== MessageType.default) return false;
  if (message.interaction_metadata || isEphemeral(before) !== isEphemeral(message)) return false;
  if (before.type === MessageType.threadCreated || !sameDay(before.timestamp, message.timestamp)) return false;
  return Date.parse(message.timestamp) - Date.parse(before.timestamp) < TOGETHER_MS;
}

/** What a screen reader says of a message. */
export function spokenMessage(message: Message, page: Page): string {
  const name = page.store.nameOf(message.author);
  if (isThinking(message)) return `${name} is thinking`;
  const embeds = message.embeds.map((each) => [each.title, each.description].filter(Boolean).join(". "));
  const text = [message.content, ...embeds].map((each) => plain(each, page.store)).filter(Boolean).join(". ");
  const files = message.attachments.map((each) => `file ${each.filename}`).join(", ");
  return `${name}${isEphemeral(message) ? ", only to you" : ""}: ${[text, files].filter(Boolean).join(". ")}`;
}

/** Draws a message. `joined`: without a head, see `continues`. */
export function drawMessage(message: Message, joined: boolean, page: Page): HTMLElement {
  if (message.type === MessageType.threadCreated) return drawNotice(message, page);
  const { store } = page;
  const element = h("discord-message", {
    role: "article",
    tabindex: -1,
    "data-id": message.id,
    "data-author": message.author.id,
    "aria-label": `${spokenMessage(message, page)}, ${spoken(message.timestamp)}`,
    "message-body-only": joined,
    bot: message.author.bot ?? false,
    edited: message.edited_timestamp !== null,
  });
  Object.assign(element, {
    author: store.nameOf(message.author),
    avatar: avatar(message.author),
    timestamp: joined ? clockTime(message.timestamp) : spoken(message.timestamp),
    highlight: message.mentions.some((user) => user.id === store.me.id) || message.mention_everyone,
  });
  const colour = store.colourOf(message.author.id);
  if (colour) Object.assign(element, { roleColor: colour });
  if (isEphemeral(message)) element.classList.add("ephemeral");
  add(element, drawOrigin(message, page), drawContent(message, page));
  if (message.attachments.length) add(element, drawAttachments(message.attachments));
  add(element, ...message.embeds.map((embed) => drawEmbed(embed, store)));
  if (message.components.length) add(element, drawControls(message, page));
  if (message.reactions?.length) add(element, drawReactions(message, message.reactions, page));
  add(element, drawFoot(message, page), drawTools(message, page));
  return element;
}

function drawContent(message: Message, page: Page): HTMLElement {
  if (isThinking(message)) {
    const name = page.store.nameOf(message.author);
    return h("span", { class: "thinking" }, h("span", { class: "dots", "aria-hidden": "true" }), `${name} is thinking…`);
  }
  const source = message.type === MessageType.threadStarter ? message.referenced_message : message;
  return h("span", { class: "prose content" }, markdown(source?.content ?? "", page.store));
}

/** What a message answers: the message it replies to, or the command that was used. */
function drawOrigin(message: Message, page: Page): HTMLElement | null {
  if (message.interaction_metadata && (message.type === MessageType.slash || message.type === MessageType.menu)) {
    return drawUse(message, page);
  }
  if (message.type !== MessageType.reply) return null;
  const target = message.referenced_message;
  const reply = h("discord-reply", { slot: "reply" });
  if (!target) {
    reply.setAttribute("deleted", "");
    return reply;
  }
  const author = page.store.nameOf(target.author);
  Object.assign(reply, { author, avatar: avatar(target.author), bot: target.author.bot ?? false });
  Object.assign(reply, { mentions: message.mentions.some((user) => user.id === target.author.id) });
  const quote = plain(target.content, page.store).slice(0, LONGEST_QUOTE) || "Click to see the message";
  const jump = h("button", { type: "button", class: "quote", "aria-label": `Reply to ${author}: ${quote}. Go there` }, quote);
  jump.addEventListener("click", () => page.acts.jump(target));
  reply.append(jump);
  return reply;
}

function drawUse(message: Message, page: Page): HTMLElement {
  const used = message.interaction_metadata;
  const known = used && page.interactions.names.get(used.id);
  const name = known ?? (message.interaction && `/${message.interaction.name}`) ?? "a command";
  const who = used ? page.store.nameOf(used.user) : "Somebody";
  const picture = used ? h("img", { src: avatar(used.user), alt: "", class: "tiny" }) : null;
  return h("div", { slot: "reply", class: "origin" }, picture, h("b", {}, who), " used ", h("span", { class: "command" }, name));
}

function drawReactions(message: Message, reactions: readonly Reaction[], page: Page): HTMLElement {
  const drawn = reactions.map((reaction) => {
    const name = reaction.emoji.name ?? "?";
    const path = `/channels/${message.channel_id}/messages/${message.id}/reactions/${encodeURIComponent(name)}/@me`;
    const element = h("button", { type: "button", class: "reaction", "aria-pressed": String(reaction.me) }, `${name} ${reaction.count}`);
    element.addEventListener("click", () => {
      void page.attempt(() => (reaction.me ? page.api.delete(path) : page.api.put(path)));
    });
    return element;
  });
  return h("div", { slot: "reactions", class: "reactions" }, ...drawn);
}

function drawFoot(message: Message, page: Page): HTMLElement | null {
  if (isEphemeral(message)) {
    const dismiss = h("button", { type: "button", class: "link", onclick: () => page.store.dismiss(message) }, "Dismiss message");
    return h("div", { slot: "thread", class: "only-you" }, "Only you can see this · ", dismiss);
  }
  const { thread } = message;
  if (!thread) return null;
  const shown = page.store.channels.get(thread.id) ?? thread;
  const open = h("button", { type: "button", class: "thread-link", onclick: () => page.store.go(thread.id) });
  add(open, icon(ICONS.thread), h("b", {}, shown.name ?? "Thread"), h("span", {}, "See thread ›"));
  return h("div", { slot: "thread" }, open);
}

function drawTools(message: Message, page: Page): HTMLElement | null {
  if (isThinking(message)) return null;
  const tool = (label: string, path: string, act: (event: MouseEvent) => void): HTMLElement => {
    const button = h("button", { type: "button", "aria-label": label, title: label, tabindex: -1, onclick: act });
    button.append(icon(path));
    return button;
  };
  return h("div", { slot: "thread", class: "tools" },
    tool("Why?", ICONS.why, () => page.acts.showWhy(message)),
    isEphemeral(message) ? null : tool("Reply", ICONS.reply, () => page.acts.reply(message)),
    tool("More", ICONS.more, (event) => {
      const from = event.currentTarget as HTMLElement;
      const box = from.getBoundingClientRect();
      page.acts.openMenu(message, { x: box.left, y: box.bottom }, from);
    }),
  );
}

/** "Ann started a thread": a line of its own, without a head. */
function drawNotice(message: Message, page: Page): HTMLElement {
  const target = message.message_reference?.channel_id ?? "";
  const open = h("button", { type: "button", class: "link", onclick: () => page.store.go(target) }, message.content || "thread");
  return h("div", { class: "notice", role: "article", tabindex: -1, "data-id": message.id },
    icon(ICONS.thread), h("b", {}, page.store.nameOf(message.author)), " started a thread: ", open, " ",
    h("time", { class: "dim" }, spoken(message.timestamp)),
  );
}
