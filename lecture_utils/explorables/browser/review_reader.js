// A review as words, and the words' weights: the sum is a score, for the film above 0.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });
  const SEPARATORS = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~\t\n ]+/; // the apostrophe is none

  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  // Lower case, punctuation taken for spaces: as the reviews were cut from which the weights come.
  course.engine.splitWords = (text) => text.toLowerCase().split(SEPARATORS).filter((word) => word);

  // A function from words to { words, pairs, score }: the weight of each word and of each pair of
  // neighbours, null for one that is unknown, and the sum of all with the constant. Without pairs
  // another model answers, which learned from words alone.
  course.engine.reviewReader = ({ unit, words, pairs, models }) => {
    const names = words.split(" ");
    const places = new Map(names.map((name, place) => [name, place]));
    const weights = Object.fromEntries(Object.entries(models).map(([name, model]) =>
      [name, Float64Array.from(new Int16Array(bytes(model.weights).buffer), (code) => code * unit)]));
    const numbers = new Uint16Array(bytes(pairs).buffer);
    const pairPlaces = new Map();
    for (let k = 0; k < numbers.length; k += 2) {
      pairPlaces.set(numbers[k] * names.length + numbers[k + 1], names.length + k / 2);
    }
    return (read, withPairs) => {
      const model = withPairs ? "pairs" : "words";
      const at = read.map((word) => places.get(word));
      const weigh = (place) => (place === undefined ? null : weights[model][place]);
      const neighbours = withPairs
        ? at.slice(1).map((second, k) => pairPlaces.get(at[k] * names.length + second))
        : [];
      const found = { words: at.map(weigh), pairs: neighbours.map(weigh) };
      const all = [models[model].constant, ...found.words, ...found.pairs];
      return { ...found, score: all.reduce((sum, weight) => sum + (weight ?? 0), 0) };
    };
  };
  course.engine.sigmoid = (score) => 1 / (1 + Math.exp(-score));
})();
