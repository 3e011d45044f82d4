import { dirname, join, normalize } from 'node:path'
import GithubSlugger from 'github-slugger'
import { Lexer, walkTokens, type Token, type Tokens } from 'marked'

/* The parts of a Markdown page that the tests check. */

function tokensOf (text: string): Token[] {
  const tokens: Token[] = []
  walkTokens(Lexer.lex(text), token => { tokens.push(token) })
  return tokens
}

/** The text of inline tokens, without marks. */
function plain (tokens: Token[]): string {
  return tokens.map(token => 'tokens' in token && token.tokens !== undefined ? plain(token.tokens) : 'text' in token ? String(token.text) : '').join('')
}

/** A block of code. */
export interface CodeBlock {
  language: string
  /** The rest of the info string, such as `cluster` of "sh cluster". */
  mark: string
  text: string
}

/** The fenced blocks of code of a page. */
export function codeBlocks (text: string): CodeBlock[] {
  return tokensOf(text).filter((token): token is Tokens.Code => token.type === 'code').map(({ lang = '', text }) => {
    const [language = '', ...mark] = lang.split(' ')
    return { language, mark: mark.join(' '), text }
  })
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchors (text: string): Set<string> {
  const slugger = new GithubSlugger()
  return new Set(tokensOf(text).filter((token): token is Tokens.Heading => token.type === 'heading').map(({ tokens }) => slugger.slug(plain(tokens))))
}

/**
 * Finds the broken relative links and pictures of pages.
 *
 * @param pages by their paths in the repository
 * @param exists whether there is a file or folder with a path
 * @returns a line for each broken link
 */
export function brokenLinks (pages: Map<string, string>, exists: (path: string) => boolean): string[] {
  const anchorsOf = new Map([...pages].map(([path, text]) => [path, anchors(text)]))
  return [...pages].flatMap(([page, text]) => tokensOf(text)
    .filter((token): token is Tokens.Link | Tokens.Image => token.type === 'link' || token.type === 'image')
    .map(({ href }) => href)
    .filter(href => !/^[a-z]+:/.test(href))
    .filter(href => {
      const [path = '', anchor] = href.split('#')
      const target = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)))
      return !exists(target) || (anchor !== undefined && !anchorsOf.get(target)?.has(anchor))
    })
    .map(href => `${page}: ${href}`))
}
