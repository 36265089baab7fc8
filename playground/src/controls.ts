/** Buttons and select menus of a message. */
import { h } from "./dom";
import { Listbox } from "./listbox";
import { webAddress } from "./links";
import { choices } from "./choices";
import type { Page } from "./page";
import { type Component, ComponentType, type Message } from "./types";

const STYLES = ["secondary", "primary", "secondary", "success", "destructive"];
const LINK = 5;
const NAMELESS = "Button";

export function drawControls(message: Message, page: Page): HTMLElement {
  const rows = message.components.filter((row) => row.type === ComponentType.row);
  return h("div", { slot: "components", class: "controls" }, ...rows.map((row) => drawRow(row, message, page)));
}

function drawRow(row: Component, message: Message, page: Page): HTMLElement {
  const controls = (row.components ?? []).map((each) =>
    each.type === ComponentType.button ? drawButton(each, message, page) : drawSelect(each, message, page),
  );
  return h("discord-action-row", {}, ...controls);
}

function drawButton(button: Component, message: Message, page: Page): HTMLElement {
  const element = h("discord-button", { type: STYLES[button.style ?? 2] ?? "secondary" });
  const emoji = button.emoji?.name ? `${button.emoji.name} ` : "";
  element.textContent = `${emoji}${button.label ?? ""}`.trim() || NAMELESS;
  if (button.disabled) element.setAttribute("disabled", "");
  if (button.style === LINK) {
    const address = webAddress(button.url ?? "");
    if (address) element.setAttribute("url", address);
    return element;
  }
  let busy = false;
  element.addEventListener("click", () => {
    if (busy || button.disabled) return;
    busy = true;
    element.classList.add("busy");
    void page.attempt(() => page.interactions.component(message, button)).finally(() => {
      busy = false;
      element.classList.remove("busy");
    });
  });
  return element;
}

function drawSelect(menu: Component, message: Message, page: Page): HTMLElement {
  const opener = h("button", {
    type: "button", class: "select", "aria-haspopup": "listbox", "aria-expanded": "false", disabled: menu.disabled ?? false,
  });
  const most = menu.max_values ?? 1;
  const items = choices(menu, page.store);
  const caption = (): void => {
    const chosen = items.filter((item) => item.selected).map((item) => item.label);
    opener.textContent = chosen.join(", ") || (menu.placeholder ?? "Make a selection");
  };
  const send = (): void => {
    const values = items.filter((item) => item.selected).map((item) => item.value);
    list.hide();
    caption();
    void page.attempt(() => page.interactions.component(message, menu, values));
  };
  const list = new Listbox<string>(opener, {
    label: menu.placeholder ?? "Options",
    several: most > 1,
    onChoose: (value) => {
      if (most > 1) return;
      for (const item of items) item.selected = item.value === value;
      send();
    },
  });
  caption();
  opener.addEventListener("click", () => {
    if (!list.open) list.show(items, "Nothing to choose from");
    else if (most > 1) send();
    else list.hide();
  });
  opener.addEventListener("keydown", (event) => {
    if (!list.key(event) && !list.open && event.key === "ArrowDown") {
      event.preventDefault();
      list.show(items, "Nothing to choose from");
    }
  });
  opener.addEventListener("blur", () => {
    if (most > 1 && list.open) send();
    else list.hide();
  });
  return h("div", { class: "select-holder" }, opener, list.element);
}
