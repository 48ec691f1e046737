"use strict";
// All addresses are relative to the page's own, so that it works below any prefix.
(() => {
  const $ = (id) => document.getElementById(id);
  const base = new URL(".", document.baseURI);
  const SHOWN = 1000; // values shown at most

  function say(text, bad) {
    $("message").textContent = text;
    $("message").classList.toggle("error", Boolean(bad));
  }

  function addressOf(key) {
    if (key === "." || key === "..") {
      throw new Error("A browser cannot ask for the key " + key + "; other programs can.");
    }
    return new URL("keys/" + encodeURIComponent(key), base);
  }

  async function ask(url, options) {
    let response;
    try {
      response = await fetch(url, options);
    } catch {
      throw new Error("The server does not answer.");
    }
    const body = await response.json().catch(() => ({}));
    if (!response.ok) {
      const error = new Error(body.detail || "The server answers " + response.status + ".");
      error.status = response.status;
      throw error;
    }
    return body;
  }

  function plural(n, one, many) {
    return n + " " + (n === 1 ? one : many);
  }

  function show(key, values) {
    $("result-title").textContent = "Values of " + key;
    const items = values.slice(0, SHOWN).map((value) => {
      const item = document.createElement("li");
      item.textContent = value === "" ? "(empty)" : value;
      item.classList.toggle("empty", value === "");
      return item;
    });
    $("values").replaceChildren(...items);
    $("result").hidden = false;
    return values.length > SHOWN ? ", the first " + SHOWN + " are shown" : "";
  }

  async function read(key) {
    try {
      const { values } = await ask(addressOf(key));
      say(plural(values.length, "value", "values") + " under " + key + show(key, values) + ".");
    } catch (error) {
      $("result").hidden = true;
      say(error.status === 404 ? "There is no key " + key + "." : error.message, true);
    }
  }

  let after = null; // where the next keys begin

  async function list(next) {
    const url = new URL("keys", base);
    url.searchParams.set("limit", "100");
    if (next) url.searchParams.set("after", after);
    try {
      const { keys, total, after: last } = await ask(url);
      after = last;
      const items = keys.map(({ key, count }) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        const number = document.createElement("span");
        button.type = "button";
        button.append(key === "" ? "(empty)" : key, " ", number);
        number.className = "count";
        number.textContent = String(count);
        button.setAttribute("aria-label", "Read " + key + ", " + plural(count, "value", "values"));
        button.addEventListener("click", () => {
          $("read-key").value = key;
          read(key);
        });
        item.append(button);
        return item;
      });
      if (next) $("keys").append(...items);
      else $("keys").replaceChildren(...items);
      const options = keys.map(({ key }) => {
        const option = document.createElement("option");
        option.value = key;
        return option;
      });
      if (next) $("known").append(...options);
      else $("known").replaceChildren(...options);
      $("keys-count").textContent = total === 0 ? "There are no keys yet." : plural(total, "key", "keys") + ", oldest first.";
      $("more").hidden = !last;
    } catch (error) {
      $("keys-count").textContent = error.message;
    }
  }

  // busy keeps a form from being sent twice.
  function onSubmit(form, work) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      if (button.disabled) return;
      button.disabled = true;
      try {
        await work();
      } finally {
        button.disabled = false;
      }
    });
  }

  onSubmit($("add"), async () => {
    const key = $("add-key").value;
    try {
      const { count } = await ask(addressOf(key), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ value: $("add-value").value }),
      });
      $("add-value").value = "";
      $("add-value").focus();
      await read(key);
      await list(false);
      // said last, when the button works again: whoever reads it may go on at once
      if (!$("message").classList.contains("error")) {
        say("Added; " + key + " has " + plural(count, "value", "values") + ".");
      }
    } catch (error) {
      say(error.message, true);
    }
  });

  onSubmit($("read"), () => read($("read-key").value));
  $("more").addEventListener("click", () => list(true));

  $("base").textContent = base.href;
  $("example-add").textContent = "curl -H 'Content-Type: application/json' -d '{\"value\": \"hello\"}' " + new URL("keys/greeting", base).href;
  $("example-read").textContent = "curl " + new URL("keys/greeting", base).href;
  list(false);
})();
