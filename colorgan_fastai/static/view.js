// The view: drop a photograph, compare before and after, and add, move and remove hints.
// It knows neither Jupyter nor Gradio. `host.open(file)`, `host.redraw(hints, focus, photo)` and `host.save(hints, photo)`
// send requests; the function that comes back takes replies in: {n, photo, size, before, after, hints, suggestions, note, error},
// or {file, name} for the finished photograph, where `file` is an address.

const PALETTE = {skin: '#d3a184', hair: '#5a3d2b', sky: '#78aede', water: '#3f7f93', grass: '#6a8f3c', leaves: '#3f6b3a',
                 brick: '#a4503c', wood: '#8a6038', gold: '#d9b04a', red: '#b5242e', navy: '#2a3f73', grey: '#808080'}
const CLICK = 6        // pixels that a pointer may tremble during a click
const TWICE = 350      // milliseconds within which two clicks are one double click
const CLOSEST = 8      // largest enlargement
const PATIENCE = 30000 // milliseconds after which a reply is no longer waited for

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

function colorganView(root, host) {
  let photo = null, size = [1, 1], hints = [], past = [], future = [], colour = PALETTE.sky
  let saved = hints, asked = hints                       // the hints of the last file, and of the one that was asked for
  let note = ''                                         // about the photograph; shown unless there is an error
  let focus = -1, selected = -1                         // the hint that suggestions are for; the one that was clicked
  let shown = -1, waiting = 0, again = false, lastClick = {hint: -1, time: 0}

  // the parts -------------------------------------------------------------------------------------------------------
  const file = make('input', {type: 'file', accept: 'image/*', className: 'cg-file', ariaLabel: 'Choose a photograph'})
  const choose = make('button', {type: 'button', className: 'cg-button cg-choose', textContent: 'Choose a photograph'})
  const drop = make('div', {className: 'cg-drop'}, make('p', {textContent: 'Drop a photograph here'}), choose)
  const after = make('img', {className: 'cg-after', alt: 'The photograph in colour', draggable: false})
  const before = make('img', {className: 'cg-before', alt: '', draggable: false})
  const pins = make('div', {className: 'cg-pins'})
  const picture = make('div', {className: 'cg-picture'}, after, before, pins)        // what is enlarged
  const grip = make('div', {className: 'cg-grip', tabIndex: 0, role: 'slider', ariaLabel: 'Compare before and after'})
  const tags = [make('span', {className: 'cg-tag cg-tag-before', textContent: 'before'}),
                make('span', {className: 'cg-tag cg-tag-after', textContent: 'after'})]
  const stage = make('div', {className: 'cg-stage', tabIndex: 0, role: 'application', hidden: true,
    ariaLabel: 'Click to put the chosen colour; Enter puts it in the middle; plus and minus zoom'}, picture, ...tags, grip)
  const picker = make('input', {type: 'color', className: 'cg-picker', title: 'Any colour', ariaLabel: 'Colour of the next hint'})
  const swatches = make('div', {className: 'cg-row'})
  const likely = make('div', {className: 'cg-row cg-likely', hidden: true})
  const undo = make('button', {type: 'button', className: 'cg-button cg-undo', textContent: 'Undo'})
  const redo = make('button', {type: 'button', className: 'cg-button cg-redo', textContent: 'Redo'})
  const clear = make('button', {type: 'button', className: 'cg-button cg-clear', textContent: 'Clear'})
  const save = make('button', {type: 'button', className: 'cg-button cg-save', textContent: 'Download', title: 'The photograph in colour, at full resolution'})
  const another = make('button', {type: 'button', className: 'cg-button cg-another', textContent: 'Open another'})
  const farther = make('button', {type: 'button', className: 'cg-button cg-farther', textContent: '−', title: 'Zoom out', ariaLabel: 'Zoom out'})
  const closer = make('button', {type: 'button', className: 'cg-button cg-closer', textContent: '+', title: 'Zoom in (or pinch, or Ctrl and the wheel)', ariaLabel: 'Zoom in'})
  const list = make('div', {className: 'cg-row cg-list'})
  const help = make('p', {className: 'cg-help', textContent:
    'Choose a colour and click where it belongs. Drag a hint to move it, click it to give it another colour, double-click it to remove it.'})
  const tools = make('div', {className: 'cg-tools', hidden: true},
    make('div', {className: 'cg-row'}, picker, swatches), likely, list,
    make('div', {className: 'cg-row'}, undo, redo, clear, make('span', {className: 'cg-row'}, farther, closer), another, save), help)
  const message = make('p', {className: 'cg-message', role: 'alert', hidden: true})
  const busy = make('div', {className: 'cg-busy', hidden: true})
  const view = make('div', {className: 'cg'}, message, drop, stage, tools, busy, file)
  root.append(view)

  // replies come in, requests go out ------------------------------------------------------------------------------------
  const say = (text, isError = true) => {
    message.textContent = text || ''; message.hidden = !text
    message.classList.toggle('cg-note', !isError)
    if (text && isError) message.scrollIntoView({block: 'nearest'})      // it may be far above the knob that caused it
  }
  const wait = on => { clearTimeout(waiting); waiting = on ? setTimeout(() => { wait(false); resume() }, PATIENCE) : 0; busy.hidden = !on }
  const resume = () => { if (again) { again = false; redraw() } }

  function redraw() {
    if (waiting) { again = true; return }              // one wish under way at a time; what came between is one wish more
    wait(true)
    host.redraw(hints.map(hint => [...hint]), focus, photo)
  }

  function update(reply) {
    if (reply?.file) { finished(); saved = asked; download(reply.file, reply.name); return }
    if (!reply || reply.n === undefined || reply.n <= shown) return      // an older picture never covers a newer one
    if (reply.photo && reply.photo !== photo && !reply.before) return    // of a photograph that was put away
    shown = reply.n
    if (reply.error) finished()
    wait(false)
    if (reply.photo && reply.photo !== photo) {
      ({photo, size} = reply); past = []; future = []; note = reply.note || ''; focus = selected = -1; again = false; drag = null
      propose([])
      before.src = reply.before
      stage.style.aspectRatio = `${size[0]} / ${size[1]}`
      stage.style.width = `min(100%, calc(var(--cg-tallest, 76vh) * ${size[0] / size[1]}))`
      const focused = drop.contains(document.activeElement)
      drop.hidden = true; stage.hidden = tools.hidden = false
      if (focused) stage.focus({preventScroll: true})
      divided = 50; zoomTo(1)
    }
    if (reply.hints && !again) hints = reply.hints.map(hint => [...hint])
    if (reply.before) saved = hints
    if (reply.error) say(reply.error)
    else say(note, false)
    if (reply.after) after.src = reply.after
    if (reply.suggestions) propose(reply.suggestions)
    place()
    resume()
  }

  let preparing = 0
  const finished = () => { clearTimeout(preparing); save.disabled = false }
  save.addEventListener('click', () => {                 // with the hints as they stand here: the last may not have been sent yet
    save.disabled = true
    preparing = setTimeout(finished, PATIENCE)
    asked = hints
    host.save(hints.map(hint => [...hint]), photo)
  })

  async function open(chosen) {
    if (!chosen) return
    say(''); wait(true)
    clearTimeout(waiting)                              // an upload may take its time
    try { await host.open(chosen); if (waiting) wait(true) } catch (error) { wait(false); say(error.message || String(error)) }
    file.value = ''
  }

  // before and after, and zoom --------------------------------------------------------------------------------------------
  let divided = 50                                       // where the grip is, per cent of the stage's width
  let zoom = 1, corner = [0, 0]                          // the enlargement, and the picture's left and top, in widths and heights of the stage
  const onStage = share => share * zoom + corner[0]      // from a share of the picture's width to one of the stage's
  function divide(percent) {
    divided = Math.min(100, Math.max(0, percent))
    const hidden = 1 - (divided / 100 - corner[0]) / zoom              // the right part of the grey picture, a share of its width
    before.style.clipPath = `inset(0 ${Math.min(1, Math.max(0, hidden)) * 100}% 0 0)`
    grip.style.left = `${divided}%`
    grip.setAttribute('aria-valuenow', Math.round(divided))
    const room = stage.clientWidth > 140
    tags[0].style.opacity = room && divided > 12 ? 1 : 0
    tags[1].style.opacity = room && divided < 88 ? 1 : 0
  }
  function moveTo(wanted) {                              // the picture always covers the stage
    corner = wanted.map(start => Math.min(0, Math.max(1 - zoom, start)))
    picture.style.transform = `translate(${corner[0] * 100}%, ${corner[1] * 100}%) scale(${zoom})`
    divide(divided)
  }
  const pictureAt = place => place.map((share, i) => (share - corner[i]) / zoom)      // from shares of the stage to those of the picture
  function zoomTo(wanted, about = [.5, .5], shares = pictureAt(about)) {              // this point of the picture comes, or stays, at `about`
    zoom = Math.min(CLOSEST, Math.max(1, wanted))
    picture.style.setProperty('--cg-zoom', zoom)
    stage.style.touchAction = zoom > 1 ? 'none' : ''     // a swipe moves the enlarged picture, not the page
    farther.disabled = zoom === 1; closer.disabled = zoom === CLOSEST
    moveTo(shares.map((share, i) => about[i] - share * zoom))
  }
  const shareOf = (box, {clientX, clientY}) => [(clientX - box.left) / box.width, (clientY - box.top) / box.height]

  // hints ---------------------------------------------------------------------------------------------------------------
  const at = event => {                                  // the pixel of the photograph under the pointer
    return shareOf(picture.getBoundingClientRect(), event).map((share, i) => Math.min(size[i] - 1, Math.max(0, Math.floor(share * size[i]))))
  }

  function change(wanted, focused) {
    past.push(hints); future = []; show(wanted, focused)
  }
  function show(wanted, focused = -1) {
    hints = wanted; focus = focused; selected = -1
    propose([]); place(); redraw()
  }
  const goBack = () => { if (past.length) { future.push(hints); show(past.pop()) } }
  const goForward = () => { if (future.length) { past.push(hints); show(future.pop()) } }
  const add = (x, y) => {
    change([...hints, [x, y, colour]], hints.length)
    const across = onStage(x / size[0]) * 100
    if (across < divided + 3) divide(across - 6)         // the grey half makes way, so that the hint is seen
  }
  const remove = i => change(hints.filter((_, j) => j !== i), -1)
  const replace = (i, hint) => change(hints.map((old, j) => j === i ? hint : old), i)

  function place() {
    const [held, chipHeld] = [pins, list].map(row => [...row.children].indexOf(document.activeElement))
    pins.replaceChildren(...hints.map(([x, y, color], i) => {
      const pin = make('button', {type: 'button', className: i === focus ? 'cg-pin cg-focus' : 'cg-pin', ariaLabel: `Hint ${i + 1}, ${color}`})
      pin.style.cssText = `left:${(x + .5) / size[0] * 100}%;top:${(y + .5) / size[1] * 100}%;background:${color}`
      return pin
    }))
    list.replaceChildren(...hints.map(([x, y, color], i) => {
      const chip = make('button', {type: 'button', className: 'cg-chip', title: `Remove hint ${i + 1} at ${x}, ${y}`,
                                      onclick: () => remove(i)}, make('i'), `${i + 1} ×`)
      chip.firstChild.style.background = color
      return chip
    }))
    const refocused = held >= 0 ? pins.children[held] : list.children[Math.min(chipHeld, hints.length - 1)]
    if (held >= 0 || chipHeld >= 0) (refocused || stage).focus({preventScroll: true})      // the keyboard goes on where it was
    undo.disabled = !past.length; redo.disabled = !future.length
    clear.disabled = !hints.length
  }

  function pick(color, settled = true) {
    colour = picker.value = color
    for (const swatch of swatches.children) swatch.classList.toggle('cg-chosen', swatch.value === color)
    if (!settled || !hints[selected] || hints[selected][2] === color) return
    const i = selected
    replace(i, [hints[i][0], hints[i][1], color])
    selected = i
  }
  const swatch = (name, color, onclick) => {
    const made = make('button', {type: 'button', className: 'cg-swatch', value: color, title: name, ariaLabel: `${name} ${color}`, onclick})
    made.style.background = color
    return made
  }
  function propose(colors) {
    likely.replaceChildren('Likely here:', ...colors.map(color => swatch('likely', color, () => {
      selected = focus
      pick(color)
    })))
    likely.hidden = !colors.length
  }

  // the pointer: a mouse, a pen or a finger -------------------------------------------------------------------------------
  let drag = null, pinch = null
  const fingers = new Map()                              // pointer -> its last event
  const spread = () => { const [a, b] = fingers.values(); return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) }
  const between = () => {                                // the middle of two fingers, in shares of the stage
    const [a, b] = fingers.values()
    return shareOf(stage.getBoundingClientRect(), {clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2})
  }
  stage.addEventListener('pointerdown', event => {
    if (event.button !== 0) return
    if (event.pointerType === 'touch') fingers.set(event.pointerId, event)
    if (fingers.size === 2) { drag = null; place(); pinch = {spread: spread(), zoom, shares: pictureAt(between())}; for (const id of fingers.keys()) stage.setPointerCapture(id) }
    if (!event.isPrimary) return
    drag = {corner, pin: [...pins.children].indexOf(event.target), grip: grip.contains(event.target), x: event.clientX, y: event.clientY, far: false}
    if (drag.pin < 0 && !drag.grip && zoom === 1) return  // a swipe over the photograph may still scroll the page
    event.preventDefault()
    const target = drag.pin >= 0 || drag.grip ? event.target : stage
    target.focus({preventScroll: true})
    stage.setPointerCapture(event.pointerId)
  })
  stage.addEventListener('pointermove', event => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event)
    if (pinch) return zoomTo(pinch.zoom * spread() / pinch.spread, between(), pinch.shares)
    if (!drag) return
    drag.far ||= Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > CLICK
    if (drag.grip) divide((event.clientX - stage.getBoundingClientRect().left) / stage.clientWidth * 100)
    else if (drag.pin >= 0 && drag.far) {
      const [x, y] = at(event), pin = pins.children[drag.pin]
      pin.style.left = `${(x + .5) / size[0] * 100}%`; pin.style.top = `${(y + .5) / size[1] * 100}%`
    } else if (drag.far && zoom > 1) moveTo([drag.corner[0] + (event.clientX - drag.x) / stage.clientWidth, drag.corner[1] + (event.clientY - drag.y) / stage.clientHeight])
  })
  const lift = event => { fingers.delete(event.pointerId); if (fingers.size < 2) pinch = null }
  stage.addEventListener('pointerup', event => {
    lift(event)
    const {pin, grip: gripped, far} = drag || {}
    const held = drag; drag = null
    if (!held || gripped) return
    const [x, y] = at(event)
    if (pin < 0) { if (!far) add(x, y); return }
    if (far) return replace(pin, [x, y, hints[pin][2]])
    const twice = lastClick.hint === pin && event.timeStamp - lastClick.time < TWICE
    lastClick = {hint: twice ? -1 : pin, time: event.timeStamp}
    if (twice) remove(pin)
    else { focus = selected = pin; place(); pins.children[pin].focus({preventScroll: true}); redraw() }
  })
  stage.addEventListener('pointercancel', event => { lift(event); drag = null; place() })
  stage.addEventListener('wheel', event => {
    if (!event.ctrlKey && !event.metaKey) return          // it scrolls the page
    event.preventDefault()
    zoomTo(zoom * Math.exp(-event.deltaY * (event.deltaMode ? .05 : .002)), shareOf(stage.getBoundingClientRect(), event))
  }, {passive: false})
  pins.addEventListener('focusin', event => {             // Tab may lead to a hint beyond the stage's edge
    const i = [...pins.children].indexOf(event.target)
    if (i < 0 || drag) return
    const place = hints[i].slice(0, 2).map((at, axis) => (at + .5) / size[axis])
    if (place.some((share, axis) => Math.abs(share * zoom + corner[axis] - .5) > .5)) moveTo(place.map(share => .5 - share * zoom))
  })
  stage.addEventListener('contextmenu', event => {
    const pin = [...pins.children].indexOf(event.target)
    if (pin >= 0) { event.preventDefault(); drag = null; remove(pin) }
  })

  // the keyboard ----------------------------------------------------------------------------------------------------------
  const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
  stage.addEventListener('keydown', event => {
    const pin = [...pins.children].indexOf(event.target), arrow = arrows[event.key]
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') event.shiftKey ? goForward() : goBack()
    else if (event.ctrlKey || event.metaKey || event.altKey) return
    else if (event.target === grip && arrow) divide(divided + 2 * (arrow[0] - arrow[1]))
    else if (event.key === '+' || event.key === '-') zoomTo(zoom * (event.key === '+' ? 1.5 : 1 / 1.5))
    else if (event.target === stage && event.key === 'Enter') add(...size.map(side => Math.floor(side / 2)))
    else if (pin >= 0 && arrow) replace(pin, [...[0, 1].map(i => Math.min(size[i] - 1, Math.max(0, hints[pin][i] + arrow[i] * Math.ceil(size[i] / 100)))), hints[pin][2]])
    else if (pin >= 0 && (event.key === 'Delete' || event.key === 'Backspace')) remove(pin)
    else if (pin >= 0 && event.key === 'Enter') replace(pin, [hints[pin][0], hints[pin][1], colour])
    else return
    event.preventDefault(); event.stopPropagation()        // JupyterLab would take the key for a command
  })

  // everything else -------------------------------------------------------------------------------------------------------
  swatches.append(...Object.entries(PALETTE).map(([name, color]) => swatch(name, color, () => pick(color))))
  picker.addEventListener('input', () => pick(picker.value, false))
  picker.addEventListener('change', () => pick(picker.value))
  undo.addEventListener('click', goBack)
  redo.addEventListener('click', goForward)
  farther.addEventListener('click', () => zoomTo(zoom / 1.5))
  closer.addEventListener('click', () => zoomTo(zoom * 1.5))
  clear.addEventListener('click', () => change([], -1))
  for (const button of [choose, another]) button.addEventListener('click', () => file.click())
  file.addEventListener('change', () => open(file.files[0]))
  view.addEventListener('dragover', event => { event.preventDefault(); view.classList.add('cg-over') })
  view.addEventListener('dragleave', () => view.classList.remove('cg-over'))
  view.addEventListener('drop', event => { event.preventDefault(); view.classList.remove('cg-over'); open(event.dataTransfer.files[0]) })
  pick(colour)
  return Object.assign(update, {isUnsaved: () => hints !== saved && hints.length > 0})
}

function download(url, name) {
  const link = make('a', {href: url, download: name})
  document.body.append(link)
  link.click()
  link.remove()
}
