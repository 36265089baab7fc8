/**
 * The components in the page's own colours: style sheets added behind their own, which read the page's variables.
 *
 * The components know two themes of fixed colours, some of too little contrast, and cannot change them while shown.
 */
import { DiscordActionRow } from "@skyra/discord-components-core/discord-action-row.js";
import { DiscordAuthorInfo } from "@skyra/discord-components-core/discord-author-info.js";
import { DiscordButton } from "@skyra/discord-components-core/discord-button.js";
import { DiscordEmbed } from "@skyra/discord-components-core/discord-embed.js";
import { DiscordEmbedDescription } from "@skyra/discord-components-core/discord-embed-description.js";
import { DiscordEmbedFooter } from "@skyra/discord-components-core/discord-embed-footer.js";
import { DiscordMention } from "@skyra/discord-components-core/discord-mention.js";
import { DiscordMessage } from "@skyra/discord-components-core/discord-message.js";
import { DiscordMessages } from "@skyra/discord-components-core/discord-messages.js";
import { DiscordReply } from "@skyra/discord-components-core/discord-reply.js";
import { DiscordVerifiedAuthorTag } from "@skyra/discord-components-core/discord-verified-author-tag.js";
import { type CSSResult, LitElement, css } from "lit";

function wear(component: typeof LitElement, style: CSSResult): void {
  component.elementStyles.push(style);
}

export function dress(): void {
  wear(DiscordMessages, css`
    :host { font: inherit; color: var(--text); background: none; border: 0; line-height: 1.45; }
    ::slotted(*) { padding-top: 2px; padding-bottom: 2px; }
    ::slotted(*:first-child), ::slotted(*:not(:first-child)) { margin-top: 14px; }
  `);
  wear(DiscordMessage, css`
    :host { font: inherit; color: var(--text); line-height: 1.375rem; padding: 2px 16px; }
    :host(:hover), :host([highlight]:hover) { background-color: var(--hover); }
    :host([highlight]) { background-color: var(--note); }
    :host([highlight])::before { background-color: var(--note-edge); }
    .discord-message-content { padding-top: 0; line-height: inherit; min-width: 0; }
    .discord-author-avatar { margin-top: 2px; }
    .discord-author-avatar img { cursor: inherit; }
    .discord-message-inner-center { align-items: baseline; }
    .discord-message-timestamp, .discord-message-edited { color: var(--dim); font-size: 12px; }
    .discord-message-timestamp { margin-left: 6px; }
    .discord-message-body-only-indent { box-sizing: border-box; flex: 0 0 56px; width: 56px; padding-right: 8px; margin: 0; text-align: center; font-size: 11px; }
    :host([focused]) .discord-message-timestamp-hover::before { content: attr(datetime); }
  `);
  wear(DiscordAuthorInfo, css`
    :host .discord-author-username { color: var(--strong); font-weight: 600; font-size: 1rem; cursor: inherit; }
    :host .discord-author-username:hover { text-decoration: none; }
  `);
  wear(DiscordVerifiedAuthorTag, css`:host { background-color: var(--accent); color: #fff; }`);
  wear(DiscordReply, css`
    :host { font: inherit; font-size: 0.875rem; color: var(--dim); margin-left: 56px; user-select: auto; }
    :host::before { border-color: var(--line-strong) !important; }
    .discord-replied-message-username { color: var(--text); opacity: 1; }
    .discord-replied-message-content { color: var(--dim); min-width: 0; overflow: hidden; }
    .discord-replied-message-username, .discord-replied-message-avatar { flex: none; }
    .discord-application-tag { background-color: var(--accent); color: #fff; }
  `);
  wear(DiscordMention, css`
    :host, :host([type]), :host([type]:hover) {
      background-color: var(--mention); color: var(--mention-text); font-weight: 500; padding: 0 3px; border-radius: 3px;
      cursor: inherit; text-decoration: none;
    }
    .discord-mention-icon { color: inherit; }
  `);
  wear(DiscordEmbed, css`
    :host { font: inherit; color: var(--text); margin: 4px 0; }
    :host .discord-left-border { background-color: var(--line-strong); }
    :host .discord-embed-wrapper { background-color: var(--raised); border-color: var(--line); max-width: min(520px, 100%); }
    :host .discord-embed-root { min-width: 0; }
    :host .discord-embed-wrapper .discord-embed-grid {
      padding: 8px 16px 14px 12px; min-width: 0; grid-template-columns: minmax(0, auto); overflow-wrap: anywhere;
    }
  `);
  wear(DiscordEmbedDescription, css`:host { display: block; font-size: 0.9rem; line-height: 1.35; }`);
  wear(DiscordEmbedFooter, css`:host { color: var(--dim); }`);
  wear(DiscordActionRow, css`:host { margin-top: 2px; }`);
  wear(DiscordButton, css`
    :host { max-width: 100%; }
    :host > *:first-child {
      font: inherit; font-size: 14px; font-weight: 500; line-height: 18px; text-align: start; box-sizing: border-box;
      padding: 5px 14px; margin: 4px 8px 4px 0; height: auto; min-height: 32px; max-width: 100%; border-radius: 6px;
    }
    .primary, .primary.hoverable:hover { background-color: var(--accent); color: #fff; }
    .secondary, .secondary.hoverable:hover { background-color: var(--button); color: var(--button-text); }
    .success, .success.hoverable:hover { background-color: var(--green); color: #fff; }
    .destructive, .destructive.hoverable:hover { background-color: var(--red); color: #fff; }
    .hoverable:hover { filter: brightness(1.1); }
    .disabled { opacity: 0.55; cursor: not-allowed; }
    .launch { flex: none; margin-left: 6px; }
    :host > *:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
  `);
}
