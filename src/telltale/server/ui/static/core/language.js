/* Which language to speak, and how a message gets its values. */

/** The kept choice if it is one of ours, else the first of the browser's that is, else English. */
export function chooseLanguage(kept, wanted, spoken) {
  if (spoken.includes(kept)) return kept;
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split("-")[0];
    if (spoken.includes(primary)) return primary;
  }
  return spoken[0];
}

/** `{n}` takes a value; `one|other` picks the form for `n` by the language's plural rule. */
export function fill(message, language, values = {}) {
  const forms = message.split("|");
  let text = forms[0];
  if (forms.length > 1 && values.n !== undefined) {
    const rule = new Intl.PluralRules(language).select(Number(values.n));
    text = rule === "one" ? forms[0] : forms[1];
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}
