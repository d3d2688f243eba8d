# Words of the person’s own page, English.

# The door
door-start = Your data at { $site }
door-start-words = Here you see what { $site } knows about you, what was decided with it and why, and you can change, take home or erase it.
door-start-how = You come in by a link from { $site }, or by a link in an e-mail. There is no password.
door-continue = Your data at { $site }
door-continue-words = This link opens your own page at { $site }, once. If somebody else sent it to you and you did not expect it, close this window.
door-open = Open my page
door-ended = This link no longer opens
door-ended-words = It was used already, or its time is over. Nothing was changed. Ask for a new one.
door-sent = Look into your mailbox
door-sent-words = If this address is known here, a link is on its way to it. It opens once and not for long. We do not say here whether an address is known, to protect whoever it belongs to.
door-left = You are out
door-left-words = Your session has ended on this and every other window. You can come back by a new link at any time.
door-erased = Everything about you was erased
door-erased-words = Your key was destroyed, and with it every copy of your data here became unreadable. Your identifiers are remembered only as scrambled values that lead to nobody.
door-erased-proof = Your receipts go on proving what they proved.
door-address = Your e-mail address
door-address-note = It is used to send you the link and for nothing else.
door-send = Send me a link
door-footer = This page uses one cookie, for as long as you are in. No tracker, no script, nothing from elsewhere.
mail-subject = Your page at { $site }
mail-opening = You asked for a link to your own page at { $site }. There you see what is known about you, and you can change, take home or erase it.
mail-until = { $minutes ->
    [one] The link opens once, within { $minutes } minute.
   *[other] The link opens once, within { $minutes } minutes.
}
mail-unasked = If you did not ask for it, you need not do anything: without this link nobody gets in.
