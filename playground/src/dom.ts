/** Makes elements. Foreign text only ever becomes text nodes and attribute values, never markup. */

export type Child = Node | string | number | null | undefined | false;

type Listener = (event: never) => unknown;
export type Props = Record<string, string | number | boolean | Listener | null | undefined>;

/** An element. `on…` adds a listener, booleans set or leave out an attribute, everything else is an attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props?: Props, ...children: Child[]): HTMLElementTagNameMap[K];
export function h(tag: string, props?: Props, ...children: Child[]): HTMLElement;
export function h(tag: string, props: Props = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  fill(element, ...children);
  return element;
}

/** Replaces what an element contains. */
export function fill(element: Element | DocumentFragment, ...children: Child[]): void {
  element.replaceChildren(...children.filter(shown).map(asNode));
}

/** Adds to what an element contains. */
export function add(element: Element | DocumentFragment, ...children: Child[]): void {
  element.append(...children.filter(shown).map(asNode));
}

function shown(child: Child): child is Node | string | number {
  return child !== null && child !== undefined && child !== false;
}

function asNode(child: Node | string | number): Node {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

const SVG = "http://www.w3.org/2000/svg";

/** A line drawing of 24 by 24 in the colour of the text around it; screen readers pass it over. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  hash: "M5 9h15M4 15h15M10 4 8 20M16 4l-2 16",
  forum: "M4 5h16v10H9l-5 4z",
  thread: "M6 4v10a3 3 0 0 0 3 3h10M15 13l4 4-4 4",
  menu: "M4 7h16M4 12h16M4 17h16",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  reply: "M10 7 4 12l6 5v-3c5 0 8 1 10 4 0-6-4-9-10-9z",
  why: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18h.01",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2",
  send: "M4 12 20 4l-6 16-3-7z",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  down: "M12 5v14M6 13l6 6 6-6",
} as const;
