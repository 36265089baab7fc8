/** Light or dark: as the system has it, or as chosen here. */
import { ICONS, h, icon } from "./dom";

const KEY = "faqtotum-theme";

function wanted(): "light" | "dark" {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = wanted();
}

/** The button that switches between the two. */
export function themeSwitch(): HTMLElement {
  const button = h("button", { type: "button", class: "round", "aria-label": "Switch between light and dark" }, icon(ICONS.sun));
  button.addEventListener("click", () => {
    localStorage.setItem(KEY, wanted() === "light" ? "dark" : "light");
    applyTheme();
  });
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", applyTheme);
  return button;
}
