"use strict";
// Renders /openapi.json. Text is set as text everywhere: nothing in the document becomes markup.

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

function make(tag, text, ...children) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  node.append(...children.filter(Boolean));
  return node;
}

function follow(api, value) {
  const path = value && value.$ref;
  if (!path) return value || {};
  const steps = path.slice(2).split("/").map((step) => step.replace(/~1/g, "/").replace(/~0/g, "~"));
  return steps.reduce((at, step) => (at || {})[step], api) || {};
}

function typeName(api, schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  const choices = schema.anyOf || schema.oneOf;
  if (choices) return [...new Set(choices.map((one) => typeName(api, one)))].join(" | ");
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = [].concat(schema.type || "any").join(" | ");
  if (schema.items) return `${typeName(api, schema.items)}[]`;
  return schema.format ? `${type} (${schema.format})` : type;
}

function table(heads, rows) {
  const body = make("tbody", "", ...rows.map((cells) => make("tr", "", ...cells)));
  const head = make("tr", "", ...heads.map((text) => make("th", text)));
  return make("table", "", make("thead", "", head), body);
}

function fields(api, schema, seen = []) {
  const name = schema.$ref;
  if (name && seen.includes(name)) return null;
  const target = follow(api, schema);
  const properties = Object.entries(target.properties || {});
  if (!properties.length) return make("p", typeName(api, schema));
  const required = target.required || [];
  const rows = properties.map(([key, value]) => [
    make("td", "", make("code", key), required.includes(key) ? " *" : ""),
    make("td", typeName(api, value)),
    make("td", value.description || follow(api, value).description || "",
      nested(api, value, name ? [...seen, name] : seen)),
  ]);
  return table(["field (* required)", "type", "meaning"], rows);
}

function nested(api, schema, seen) {
  const inner = [schema, schema.items, ...(schema.anyOf || []), ...(schema.oneOf || [])]
    .find((one) => one && one.$ref && follow(api, one).properties);
  if (!inner || seen.includes(inner.$ref)) return null;
  const content = fields(api, inner, seen);
  return content && make("details", "", make("summary", inner.$ref.split("/").pop()), content);
}

function parameters(api, operation) {
  const all = (operation.parameters || []).map((one) => follow(api, one));
  if (!all.length) return [];
  const rows = all.map((one) => [
    make("td", "", make("code", one.name), one.required ? " *" : ""),
    make("td", one.in),
    make("td", typeName(api, one.schema || {})),
    make("td", one.description || ""),
  ]);
  return [make("h4", "Parameters"), table(["name", "in", "type", "meaning"], rows)];
}

function content(api, holder) {
  return Object.entries(holder.content || {}).flatMap(([media, one]) =>
    [make("p", "", make("code", media)), one.schema ? fields(api, one.schema) : null]);
}

function problems(codes) {
  const links = codes.flatMap((code) => {
    const link = make("a", code);
    link.href = `/problems/${encodeURIComponent(code)}`;
    return [link, " "];
  });
  return make("p", "", ...links);
}

function responses(api, operation) {
  return Object.entries(operation.responses || {}).map(([status, raw]) => {
    const answer = follow(api, raw);
    const codes = answer["x-problem-codes"];
    const inside = codes ? [problems(codes)] : content(api, answer);
    return make("div", "", make("h4", codes ? status : `${status} ${answer.description || ""}`), ...inside);
  });
}

function article(api, path, method, operation) {
  const title = make("summary", "", make("code", `${method.toUpperCase()} ${path}`), make("span", operation.summary));
  const permission = operation["x-required-permission"];
  const node = make("details", "", title,
    operation.description ? make("p", operation.description) : null,
    make("p", permission ? `Needs the permission ${permission}.`
      : (operation.security || []).length ? "Needs a token." : "Needs no credential."),
    ...parameters(api, operation),
    ...(operation.requestBody ? [make("h4", "Body"), ...content(api, operation.requestBody)] : []),
    ...responses(api, operation));
  const frame = make("article", "", node);
  frame.id = operation.operationId;
  frame.dataset.words = `${method} ${path} ${operation.summary} ${permission || ""}`.toLowerCase();
  return frame;
}

function render(api) {
  document.getElementById("about").textContent = `${api.info.summary} Version ${api.info.version}. ${api.info.description}`;
  const groups = new Map((api.tags || []).map((tag) => [tag.name, []]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      groups.get(item[method].tags[0]).push(article(api, path, method, item[method]));
    }
  }
  const sections = [...groups].map(([name, articles]) => make("section", "", make("h2", name), ...articles));
  document.getElementById("operations").replaceChildren(...sections);
  if (location.hash) {
    const target = document.getElementById(location.hash.slice(1));
    if (target) { target.querySelector("details").open = true; target.scrollIntoView(); }
  }
}

function find() {
  const words = document.getElementById("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const article of document.querySelectorAll("article")) {
    article.hidden = !words.every((word) => article.dataset.words.includes(word));
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("article:not([hidden])");
  }
}

document.getElementById("find").addEventListener("input", find);
fetch("/openapi.json")
  .then((answer) => answer.json())
  .then(render)
  .catch((error) => { document.getElementById("about").textContent = `The description cannot be read: ${error}`; });
