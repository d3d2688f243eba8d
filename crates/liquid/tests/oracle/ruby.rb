# Renders each snippet of standard input (JSON: a list of {source, values}) with Debian's ruby-liquid and writes
# what came of it: {"text": …}, or {"error": …} if it was not parsed or a filter failed.
require 'json'
require 'liquid'

ENV['TZ'] = 'UTC'
found = JSON.parse($stdin.read).map do |snippet|
  template = Liquid::Template.parse(snippet['source'], error_mode: :strict)
  text = template.render(snippet['values'])
  template.errors.empty? ? { text: text } : { error: template.errors.first.message }
rescue StandardError => e
  { error: e.message }
end
puts JSON.generate({ version: Liquid::VERSION, found: found })
