/** Puts the page together: signs a seat in, and connects what is drawn with what happens. */
import { Api } from "./api";
import { h } from "./dom";
import { Gateway } from "./gateway";
import { Interactions } from "./interactions";
import { Playground, type Session } from "./playground";
import { dress } from "./skin";
import { Store } from "./store";
import { applyTheme } from "./theme";
import { handlers } from "./events";
import { View } from "./view";

function chosenSeat(session: Session): Session["seats"][number] {
  const wanted = new URLSearchParams(location.search).get("seat");
  const found = session.seats.find((each) => each.key === wanted) ?? session.seats[0];
  if (!found) throw new Error("This playground has no seats: start it again.");
  return found;
}

async function start(): Promise<void> {
  const playground = new Playground();
  const session = await playground.session();
  const seat = chosenSeat(session);
  const api = new Api(seat.token);
  const store = new Store();
  const interactions = new Interactions(api);
  const view = new View({ api, store, interactions, playground, session }, seat.key);
  const gateway: Gateway = new Gateway(seat.token, (name, data) => {
    interactions.note(name, data);
    react[name]?.(data as never);
  }, (connection) => view.connection(connection));
  const react = handlers(store, interactions, () => gateway);
  document.getElementById("page")?.replaceChildren(view.element);
  gateway.connect();
}

applyTheme();
dress();
start().catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error);
  document.getElementById("page")?.replaceChildren(h("p", { class: "loading", role: "alert" }, text));
});
