/** Embeds and files of a message. */
import { h } from "./dom";
import { ownFile, webAddress } from "./links";
import { markdown, plain } from "./markdown";
import type { Store } from "./store";
import { spoken } from "./times";
import type { Attachment, Embed, EmbedPicture } from "./types";

const PICTURE = /^image\/(?:png|jpeg|gif|webp)\b/;
const WIDEST = 480;
const HIGHEST = 360;
const KILO = 1000;

/** An embed. Its title and author are drawn here: the component would fetch a picture for numbers that look like ids. */
export function drawEmbed(embed: Embed, store: Store): HTMLElement {
  const element = h("discord-embed", { slot: "embeds" });
  if (embed.color !== undefined) Object.assign(element, { color: `#${embed.color.toString(16).padStart(6, "0")}` });
  const top = h("div", { slot: "description" });
  if (embed.author) top.append(h("div", { class: "embed-author" }, linked(embed.author.name, embed.author.url)));
  if (embed.title) {
    const title = embed.url ? linked(plain(embed.title, store), embed.url) : markdown(embed.title, store);
    top.append(h("div", { class: "embed-title" }, title));
  }
  if (embed.description) top.append(h("discord-embed-description", { class: "prose" }, markdown(embed.description, store)));
  element.append(top);
  if (embed.fields?.length) element.append(drawFields(embed.fields, store));
  if (embed.thumbnail) element.append(drawPicture(embed.thumbnail, "Thumbnail", "thumbnail"));
  if (embed.image) element.append(drawPicture(embed.image, plain(embed.title ?? "", store) || "Picture of the embed", "picture"));
  const foot = [embed.footer?.text, embed.timestamp && spoken(embed.timestamp)].filter(Boolean).join(" • ");
  if (foot) element.append(h("discord-embed-footer", { slot: "footer" }, foot));
  return element;
}

function linked(text: string, target: string | undefined): Node | string {
  const address = target === undefined ? null : webAddress(target);
  return address === null ? text : h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

function drawFields(fields: NonNullable<Embed["fields"]>, store: Store): HTMLElement {
  const drawn = fields.map((field) =>
    h("div", { class: field.inline ? "embed-field inline" : "embed-field" },
      h("div", { class: "embed-field-name" }, markdown(field.name, store)),
      h("div", { class: "prose" }, markdown(field.value, store)),
    ),
  );
  return h("div", { slot: "fields", class: "embed-fields" }, ...drawn);
}

function drawPicture(picture: EmbedPicture, alt: string, kind: string): HTMLElement {
  const path = ownFile(picture.url);
  const holder = h("div", { slot: "fields", class: `embed-${kind}` });
  // Nothing is loaded from other hosts, so a picture that lies elsewhere is a link.
  holder.append(path === null ? linkTo(picture.url) : sized(h("img", { src: path, alt }), picture));
  return holder;
}

function linkTo(address: string): Node {
  const text = linked("Picture on another server", address);
  return typeof text === "string" ? document.createTextNode(text) : text;
}

function sized(image: HTMLImageElement, { width, height }: { width?: number; height?: number }): HTMLElement {
  if (width && height) {
    const scale = Math.min(1, WIDEST / width, HIGHEST / height);
    image.width = Math.round(width * scale);
    image.height = Math.round(height * scale);
  }
  const open = h("a", { href: image.getAttribute("src") ?? "", target: "_blank", rel: "noopener", class: "picture" }, image);
  open.setAttribute("aria-label", `${image.alt}: open the picture`);
  return open;
}

export function drawAttachments(attachments: readonly Attachment[]): HTMLElement {
  return h("div", { slot: "attachments", class: "attachments" }, ...attachments.map(drawAttachment));
}

function drawAttachment(file: Attachment): HTMLElement {
  const path = ownFile(file.url);
  if (path === null) return h("span", { class: "file" }, `${file.filename} (on another server)`);
  if (PICTURE.test(file.content_type ?? "")) {
    return sized(h("img", { src: path, alt: file.description ?? file.filename }), file);
  }
  return h("div", { class: "file" },
    h("a", { href: path, download: file.filename }, file.filename),
    h("span", { class: "dim" }, size(file.size)),
  );
}

function size(bytes: number): string {
  if (bytes < KILO) return `${bytes} bytes`;
  return bytes < KILO * KILO ? `${(bytes / KILO).toFixed(1)} kB` : `${(bytes / KILO / KILO).toFixed(1)} MB`;
}
