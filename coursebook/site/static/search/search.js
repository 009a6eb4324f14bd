/* Search in the sections of the book, on the page of results.

   `searchData` (sections.js) holds the pages; MiniSearch ranks their sections. A query is a list of
   needs, one a word; a section answers a need by the word itself, by what the book says instead
   (search.yml), or, for a word that the book does not have, by a similar one. */
"use strict";

window.courseSearch = (() => {
  const { pages, about, instead, stopWords } = window.searchData;
  const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/;
  const RUN = /[\uac00-\ud7a3]+(?: [\uac00-\ud7a3]+)*|[\p{L}\p{N}]+/gu;
  const stops = new Set(stopWords);
  const stemmer = new Stemmer();
  // Where two places match equally well, the one that explains comes first.
  const RANK = { lesson: 1.5, glossary: 1.1, lab: 1, appendix: 0.8, reference: 0.45 };
  const RANK_OF_INTRODUCTION = 1.2;
  // In an edition: a page that is not translated yet comes behind those that are.
  const RANK_OF_ENGLISH = 0.05;

  /* British and American forms become one; a word that only looks like one is changed in pages and
     queries alike. */
  const oneSpelling = (word) =>
    word
      .replace(/([a-z]{3})is(e[drs]?|ing|ation|ations)$/, "$1iz$2")
      .replace(/([a-z]{2})yse([drs]?)$/, "$1yze$2")
      .replace(/([a-z]{3})our(s|ed|ing)?$/, "$1or$2")
      .replace(/([a-z]{3})tre(s?)$/, "$1ter$2")
      .replace(/ll(ed|ing)$/, "l$1");

  /* Korean writes terms joined or apart and adds particles, so it is compared by pairs of syllables:
     those of a page cross its spaces. A word of one syllable, with or without a particle, is a pair of
     its own kind. What is typed loses its particles, as long as two syllables are left. */
  const PARTICLE =
    "(?:은|는|이|가|을|를|과|와|의|에|도|만|로|으로|에서|에게|까지|부터|마다|이나|나|이란|란|이다|입니다|에는|에서는|에서도|으로는|로는)";
  const ENDING = new RegExp(`${PARTICLE}$`);
  const ALONE = new RegExp(`^([가-힣])${PARTICLE}?$`);
  const pairs = (word) => Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2));
  const alone = (word) => (ALONE.exec(word) ?? []).slice(1);
  const ofPage = (run) => [...pairs(run.replaceAll(" ", "")), ...run.split(" ").flatMap(alone)];
  const bare = (word) => {
    const left = word.replace(ENDING, "");
    return left.length < 2 ? word : left;
  };
  const asTyped = (run) =>
    run.split(" ").flatMap((word) => {
      const typed = pairs(bare(word));
      return typed.some(isInBook) || !alone(word).length ? typed : alone(word);
    });

  const stem = (word) => stemmer.stemWord(oneSpelling(word));
  const plain = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase();
  const runs = (text) => plain(text).match(RUN) ?? [];
  const tokens = (run) => (HANGUL.test(run) ? asTyped(run) : [stem(run)]);

  const documents = [];
  for (const page of pages)
    page.sections.forEach((section, number) => {
      documents.push({
        ...section,
        number: documents.length,
        page: page.page,
        kind: page.kind,
        inEnglish: page.inEnglish,
        address: page.address,
        introduction: number === 0,
        about: number === 0 ? (about[page.name] ?? "") : "",
      });
    });

  const index = new MiniSearch({
    idField: "number",
    fields: ["about", "heading", "page", "text", "more"],
    tokenize: (text) => runs(text).flatMap((run) => (HANGUL.test(run) ? ofPage(run) : [stem(run)])),
    processTerm: (term) => (stops.has(term) ? null : term),
    searchOptions: {
      tokenize: (text) => text.split(" "), // of a query that `needs` has taken apart
      boost: { about: 8, heading: 3, page: 2, text: 1, more: 0.4 },
      boostDocument: (number) => {
        const { kind, introduction, inEnglish } = documents[number];
        const rank = RANK[kind] * (introduction ? RANK_OF_INTRODUCTION : 1);
        return inEnglish ? rank * RANK_OF_ENGLISH : rank;
      },
    },
  });
  index.addAll(documents);

  const inBook = new Map();
  const isInBook = (token) => {
    if (!inBook.has(token)) inBook.set(token, index.search(token).length > 0);
    return inBook.get(token);
  };

  const phrases = Object.entries(instead).map(([typed, said]) => ({
    typed: runs(typed).flatMap(tokens),
    said: [said].flat().map((text) => runs(text).flatMap(tokens)),
  }));

  /* What a query asks for: lists of alternatives, each a list of tokens. */
  const needs = (query) => {
    let rest = runs(query)
      .map(tokens)
      .filter((found) => !found.every((token) => stops.has(token)));
    const asked = [];
    for (const { typed, said } of phrases) {
      const flat = rest.flat();
      const at = flat.findIndex((_, i) => typed.every((token, k) => flat[i + k] === token));
      if (at < 0) continue;
      asked.push([typed, ...said]);
      rest = rest.filter((found) => !found.every((token) => typed.includes(token)));
    }
    return [...asked, ...rest.map((found) => [found])];
  };

  /* How much of what is asked a section answers, 0 to 1. */
  const answered = (asked, has) => {
    const share = (tokens) => tokens.filter((token) => has.has(token)).length / tokens.length;
    const of = asked.map((alternatives) => Math.max(...alternatives.map(share)));
    return of.reduce((sum, part) => sum + part, 0) / of.length;
  };

  /* Pages with their sections, best first. */
  const find = (query, most = 20) => {
    const asked = needs(query);
    if (!asked.length) return [];
    const all = [...new Set(asked.flat(2))];
    const own = new Set(asked.flatMap((alternatives) => alternatives[0]));
    const similar = (token) => !isInBook(token) && !HANGUL.test(token);
    const results = index.search(all.join(" "), {
      prefix: (token) => token.length > 2 && similar(token),
      fuzzy: (token) => (token.length > 3 && similar(token) ? (token.length > 7 ? 2 : 1) : false),
      boostTerm: (token) => (own.has(token) ? 1 : 0.6),
    });
    const best = results.map(({ id, score, queryTerms, terms }) => {
      const part = answered(asked, new Set(queryTerms));
      return { section: documents[id], part, score: score * part ** 3, terms };
    });
    const whole = Math.max(0, ...best.map(({ part }) => part));
    const found = new Map(); // by page
    for (const hit of best.sort((a, b) => b.score - a.score)) {
      if (hit.part < 0.6 * whole) continue;
      const { address, page, kind } = hit.section;
      if (!found.has(address)) found.set(address, { address, page, kind, hits: [] });
      found.get(address).hits.push(hit);
    }
    return [...found.values()].slice(0, most);
  };

  /* A piece of the text around what was found, as parts of which every second one is marked. */
  const excerpt = (text, terms, length = 170) => {
    const wanted = new Set(terms);
    const marks = [];
    for (const match of text.matchAll(/[\p{L}\p{N}]+/gu)) {
      const word = plain(match[0]);
      if (!HANGUL.test(word)) {
        if (wanted.has(stem(word))) marks.push([match.index, match.index + match[0].length]);
        continue;
      }
      if (alone(word).some((syllable) => wanted.has(syllable))) marks.push([match.index, match.index + 1]);
      const hit = [...word].map((_, i) => i + 1 < word.length && wanted.has(word.slice(i, i + 2)));
      hit.forEach((is, i) => {
        if (is) marks.push([match.index + i, match.index + i + 2]);
      });
    }
    marks.sort((a, b) => a[0] - b[0]);
    // The window that holds most of them.
    let start = 0;
    let most = -1;
    for (const [at] of marks) {
      const inside = marks.filter(([from, to]) => from >= at && to <= at + length).length;
      if (inside > most) [start, most] = [at, inside];
    }
    let from = Math.max(0, start - 50);
    if (from) from = text.indexOf(" ", from) + 1;
    let to = Math.min(text.length, from + length);
    if (to < text.length) to = Math.max(text.lastIndexOf(" ", to), from + 20);
    const parts = [from ? "… " : ""];
    let at = from;
    for (const [a, b] of marks) {
      if (b <= at || a < from || b > to) continue;
      parts[parts.length - 1] += text.slice(at, Math.max(a, at));
      parts.push(text.slice(Math.max(a, at), b), "");
      at = b;
    }
    parts[parts.length - 1] += text.slice(at, to) + (to < text.length ? " …" : "");
    return parts;
  };

  return { find, excerpt };
})();

(() => {
  const field = document.querySelector(".bd-article form.bd-search input");
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");
  const root = document.documentElement.dataset.content_root;
  const SECTIONS = 3;

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const link = (section, text) => {
    const made = element("a", "", text);
    made.href = root + section.address + (section.introduction ? "" : `#${section.id}`);
    return made;
  };
  const marked = (parts) =>
    parts.map((part, i) => (i % 2 ? element("mark", "", part) : part)).filter(Boolean);

  const show = (query) => {
    const found = query.trim() ? courseSearch.find(query) : [];
    list.replaceChildren(
      ...found.map(({ page, kind, hits }) => {
        const [best] = hits;
        const title = { ...best.section, introduction: true };
        const item = element("section", `search-page search-${kind}`, element("h2", "", link(title, page)));
        for (const { section, terms } of hits.slice(0, SECTIONS)) {
          const heading = section.introduction ? [] : [element("h3", "", link(section, section.heading))];
          const text = element("p", "", ...marked(courseSearch.excerpt(section.text, terms)));
          item.append(...heading, text);
        }
        return item;
      }),
    );
    const { none, one, several } = status.dataset;
    if (!query.trim()) status.textContent = "";
    else if (!found.length) status.textContent = none;
    else status.textContent = found.length === 1 ? one : several.replace("{}", found.length);
  };

  const typed = new URLSearchParams(location.search).get("q") ?? "";
  field.value = typed;
  show(typed);
  field.focus();
  field.addEventListener("input", () => {
    show(field.value);
    const address = new URL(location.href);
    address.searchParams.set("q", field.value);
    history.replaceState(null, "", address);
  });
})();
