// Parses documents with the parsers that MDX and Astro use and tells what they found.
// In: a JSON list of {name, target, text}; out: a JSON list of {name, error?, html?, elements?, programs?, text?}.
import { compile } from '@mdx-js/mdx'
import { createMarkdownProcessor } from '@astrojs/markdown-remark'
import { text as whole } from 'node:stream/consumers'

const withoutFrontMatter = (text) => text.replace(/^---\n[\s\S]*?\n---\n/, '')

async function mdx(text) {
  const elements = []
  const programs = []
  let words = ''
  const walk = (node) => {
    if (node.type.startsWith('mdx')) programs.push({ type: node.type, name: node.name ?? null, value: node.value ?? null })
    if (node.type === 'element') elements.push({ tag: node.tagName, attributes: node.properties ?? {} })
    if (node.type === 'text') words += node.value
    if (node.type === 'raw' || node.type === 'comment') programs.push({ type: node.type, name: null, value: node.value })
    for (const child of node.children ?? []) walk(child)
    if (node.type === 'element') words += ' '
  }
  await compile(withoutFrontMatter(text), { rehypePlugins: [() => (tree) => walk(tree)] })
  return { elements, programs, text: words }
}

const astro = await createMarkdownProcessor({ syntaxHighlight: false })
const out = []
for (const { name, target, text } of JSON.parse(await whole(process.stdin))) {
  try {
    if (target === 'mdx') out.push({ name, ...(await mdx(text)) })
    else out.push({ name, html: (await astro.render(withoutFrontMatter(text))).code })
  } catch (error) {
    out.push({ name, error: String(error.message ?? error) })
  }
}
console.log(JSON.stringify(out))
