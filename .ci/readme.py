#!/usr/bin/env python
"""Makes README.md from nbs/index.ipynb: `python .ci/readme.py`; with `--check` it only says whether README.md is in step.

`nbdev-readme` does this with Quarto; nbconvert does it without, and comes with pip. Fences of markdown cells stay as they
are, code cells become ```python fences, pictures among the outputs go to nbs/images/index_CELL_OUTPUT.png."""
import argparse, posixpath, re, sys
from pathlib import Path
import nbformat
from nbconvert import MarkdownExporter

root = Path(__file__).resolve().parent.parent
images = 'nbs/images'
notice = '<!-- Made from nbs/index.ipynb by .ci/readme.py: edit the notebook. -->\n\n'

def from_root(link):
    "A link that works from nbs/, rewritten to work from the repository's root."
    if re.match(r'[a-z][a-z+.-]*:|[/#]', link, re.I): return link
    return posixpath.normpath(posixpath.join('nbs', link))

def move_links(text):
    "Rewrite the links and pictures in markdown `text`, and leave its fences and code spans alone."
    code, link, tag = r'^```.*?^```|`[^`\n]+`', r'(\]\()([^)\s]+)', r'(<(?:img|a)\b[^>]*?\b(?:src|href)=")([^"]+)'
    def move(m): return (m[1] + from_root(m[2])) if m[1] else (m[3] + from_root(m[4])) if m[3] else m[0]
    return re.sub(f'{code}|{link}|{tag}', move, text, flags=re.S | re.M)

def visible(cell):
    "`cell` as a reader should see it, without directives; None if it is hidden."
    flags, lines = {}, cell.source.split('\n')
    while lines and (m := re.match(r'\s*#\s*\|\s*([\w-]+)\s*:?\s*(.*)', lines[0])):
        flags[m[1]] = m[2].strip()
        lines.pop(0)
    cell.source = '\n'.join(lines).strip('\n')
    if flags.keys() & {'hide', 'default_exp'} or flags.get('include') == 'false': return None
    if cell.cell_type == 'markdown': cell.source = move_links(cell.source)
    elif flags.get('output') == 'false': cell.outputs = []
    elif flags.get('echo') == 'false': cell.metadata['transient'] = {'remove_source': True}   # nbconvert's word for it
    if cell.cell_type == 'code': cell.outputs = [o for o in cell.outputs if o.get('name') != 'stderr']   # warnings of libraries
    return cell if cell.source else None

def render():
    "README.md's text, and the pictures that it shows: a dictionary from path to bytes."
    nb = nbformat.read(root / 'nbs' / 'index.ipynb', as_version=4)
    nb.cells = [c for c in map(visible, nb.cells) if c is not None]
    nb.metadata.language_info = {'name': 'python'}   # names the fences of code cells
    text, resources = MarkdownExporter().from_notebook_node(nb, {'unique_key': 'index', 'output_files_dir': images})
    text = re.sub(r'<style.*?</style>', '', text, flags=re.S)   # pandas adds it to tables, GitHub does not want it
    text = re.sub(r'\n([ \t]*\n){2,}', '\n\n', text).strip() + '\n'   # nbconvert's versions differ in blank lines
    pictures = {Path(k).as_posix(): v for k, v in resources['outputs'].items()}
    return notice + text, {k: v for k, v in pictures.items() if k in text}   # not the JPEG twin of a PNG

def main():
    "Write README.md and its pictures, or only compare them; exit with 1 if they differ."
    parser = argparse.ArgumentParser(description=__doc__.split(':')[0])
    parser.add_argument('--check', action='store_true', help='write nothing; exit with 1 if README.md is out of step')
    args = parser.parse_args()
    text, pictures = render()
    wanted = {'README.md': text.encode(), **pictures}
    stale = [p for p in (root / images).glob('index_*_*.*') if p.relative_to(root).as_posix() not in wanted]
    changed = [p for p, data in wanted.items() if not (root / p).is_file() or (root / p).read_bytes() != data]
    if args.check:
        differ = changed + [p.relative_to(root).as_posix() for p in stale]
        if differ: sys.exit(f'Out of step with nbs/index.ipynb: {", ".join(differ)}. Run: python .ci/readme.py')
        return print('README.md is in step with nbs/index.ipynb.')
    for p in stale: p.unlink()
    for p in changed:
        (root / p).parent.mkdir(parents=True, exist_ok=True)
        (root / p).write_bytes(wanted[p])
    print(f'README.md: {len(text.splitlines())} lines, {len(pictures)} pictures; {len(changed)} files written, {len(stale)} removed.')

if __name__ == '__main__': main()
