/** Stands in for `lit/directives/style-map.js`: sets each property by itself, never the `style` attribute. */
import { type AttributePart, noChange } from "lit";
import { Directive, directive } from "lit/directive.js";

export type StyleInfo = Readonly<Record<string, string | number | null | undefined>>;

class StyleMap extends Directive {
  render(_styles: StyleInfo): unknown {
    return noChange;
  }

  override update(part: AttributePart, [styles]: [StyleInfo]): unknown {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(styles)) {
      if (value === null || value === undefined) style.removeProperty(name);
      else style.setProperty(name, String(value));
    }
    return noChange;
  }
}

export const styleMap = directive(StyleMap);
