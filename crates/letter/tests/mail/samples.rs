//! Reports as servers write them, each in the shape of its maker; the people and hosts are made up.
#![allow(dead_code, reason = "each test file uses some of them")]

use letter::token::Marks;

pub const DOMAIN: &str = "mail.shop.example";

pub fn marks() -> Marks {
    Marks::new(&[7; 32])
}

/// A report (RFC 3464) with the original in a part of that kind.
pub fn dsn(to: &str, kind: &str, original: &str, action: &str, status: &str, diagnostic: &str) -> String {
    format!(
        "Return-Path: <>\nDate: Sun, 22 Nov 2026 12:00:00 +0000 (UTC)\nFrom: MAILER-DAEMON@mx.example.org (Mail Delivery System)\n\
         Subject: Undelivered Mail Returned to Sender\nTo: {to}\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"4ZxY.1/mx.example.org\"\n\n\
         This is a MIME-encapsulated message.\n\n--4ZxY.1/mx.example.org\nContent-Description: Notification\n\
         Content-Type: text/plain; charset=us-ascii\n\nThis is the mail system at host mx.example.org.\n\n\
         I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n\
         --4ZxY.1/mx.example.org\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example.org\nX-Postfix-Queue-ID: 4ZxY1\nX-Postfix-Sender: rfc822; shop\n\
         Arrival-Date: Sun, 22 Nov 2026 11:59:00 +0000 (UTC)\n\nFinal-Recipient: rfc822; ann@example.org\n\
         Original-Recipient: rfc822;ann@example.org\nAction: {action}\nStatus: {status}\nRemote-MTA: dns; mx2.example.org\n\
         Diagnostic-Code: smtp;\n {diagnostic}\n\n--4ZxY.1/mx.example.org\nContent-Description: Undelivered Message\n\
         Content-Type: {kind}\n\n{original}\n--4ZxY.1/mx.example.org--\n"
    )
}

pub fn postfix(to: &str, action: &str, status: &str, diagnostic: &str) -> String {
    dsn(
        to,
        "message/rfc822",
        "From: shop@shop.example\nSubject: Hello\nMessage-ID: <x@elsewhere.example>\n\nHello\n",
        action,
        status,
        diagnostic,
    )
}

/// Exim gives `5.0.0` and puts what was said in the diagnostic.
pub fn exim(to: &str, diagnostic: &str) -> String {
    format!(
        "Return-path: <>\nX-Failed-Recipients: ann@example.org\nAuto-Submitted: auto-replied\n\
         From: Mail Delivery System <Mailer-Daemon@relay.example.org>\nTo: {to}\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=1796-eximdsn-1\nMIME-Version: 1.0\n\
         Subject: Mail delivery failed: returning message to sender\n\n--1796-eximdsn-1\nContent-type: text/plain; charset=us-ascii\n\n\
         This message was created automatically by mail delivery software.\n\n  ann@example.org\n    host mx.example.org [192.0.2.5]\n    \
         SMTP error from remote mail server after RCPT TO:<ann@example.org>:\n    {diagnostic}\n\n--1796-eximdsn-1\n\
         Content-type: message/delivery-status\n\nReporting-MTA: dns; relay.example.org\n\nAction: failed\n\
         Final-Recipient: rfc822;ann@example.org\nStatus: 5.0.0\nRemote-MTA: dns; mx.example.org\nDiagnostic-Code: smtp; {diagnostic}\n\n\
         --1796-eximdsn-1\nContent-type: text/rfc822-headers\n\nSubject: Hello\n\n--1796-eximdsn-1--\n"
    )
}

/// Exchange encodes the report's parts and writes a long HTML page first.
pub fn exchange(to: &str, status: &str, diagnostic: &str) -> String {
    format!(
        "From: <postmaster@example.onmicrosoft.com>\nTo: <{to}>\nDate: Sun, 22 Nov 2026 12:00:00 +0000\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"9b2d_=\"\nContent-Language: en-US\n\
         Subject: Undeliverable: Hello\nAuto-Submitted: auto-replied\n\n--9b2d_=\nContent-Type: multipart/alternative; differences=Content-Type;\n\t\
         boundary=\"in_\"\n\n--in_\nContent-Type: text/plain; charset=\"us-ascii\"\nContent-Transfer-Encoding: quoted-printable\n\n\
         Your message to ann@example.org couldn't be delivered.=20\n\n--in_\nContent-Type: text/html; charset=\"us-ascii\"\n\n\
         <html><b>ann wasn't found</b></html>\n\n--in_--\n\n--9b2d_=\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns;PR0P264MB0001.example\nReceived-From-MTA: dns;mail.shop.example\nArrival-Date: Sun, 22 Nov 2026 11:59:00 +0000\n\n\
         Original-Recipient: rfc822;ann@example.org\nFinal-Recipient: rfc822;ann@example.org\nAction: failed\nStatus: {status}\n\
         Diagnostic-Code: smtp;{diagnostic}\nX-Display-Name: Ann\n\n--9b2d_=\nContent-Type: message/rfc822\n\nSubject: Hello\n\n--9b2d_=--\n"
    )
}

pub fn gmail(to: &str) -> String {
    format!(
        "Delivered-To: {to}\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nTo: {to}\nAuto-Submitted: auto-replied\n\
         Subject: Delivery Status Notification (Failure)\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; boundary=\"0000000000001\"; report-type=delivery-status\n\n--0000000000001\n\
         Content-Type: multipart/related; boundary=\"0000000000002\"\n\n--0000000000002\nContent-Type: text/plain; charset=\"UTF-8\"\n\n\
         ** Address not found **\n\nYour message wasn't delivered to ann@example.org.\n\n--0000000000002--\n--0000000000001\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; googlemail.com\nArrival-Date: Sun, 22 Nov 2026 04:00:00 -0800 (PST)\n\
         X-Original-Message-ID: <x@elsewhere.example>\n\nFinal-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\n\
         Remote-MTA: dns; mx.example.org. (192.0.2.5, the server for the domain example.org.)\n\
         Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try\n \
         550-5.1.1 double-checking the recipient's email address for typos or\n 550 5.1.1 unnecessary spaces.\n\
         Last-Attempt-Date: Sun, 22 Nov 2026 04:00:01 -0800 (PST)\n\n--0000000000001\nContent-Type: message/rfc822\n\nSubject: Hello\n\n\
         --0000000000001--\n"
    )
}

pub fn ses(to: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@eu-west-3.amazonses.com\nTo: {to}\nMessage-ID: <0102-000000@eu-west-3.amazonses.com>\n\
         Subject: Delivery Status Notification (Failure)\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n \
         boundary=\"----=_Part_1\"\n\n------=_Part_1\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n\
         An error occurred while trying to deliver the mail to the following recipients:\nann@example.org\n------=_Part_1\n\
         Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n{}\n------=_Part_1\n\
         Content-Type: text/rfc822-headers\n\nSubject: Hello\n\n------=_Part_1--\n",
        // Reporting-MTA, then the recipient with 5.1.1: as SES encodes it now and then.
        "UmVwb3J0aW5nLU1UQTogZG5zOyBhMS5hbWF6b25zZXMuY29tCgpBY3Rpb246IGZhaWxlZApGaW5hbC1SZWNpcGllbnQ6IHJmYzgyMjsgYW5uQGV4YW1wbGUub3JnCkRpYWdub3N0aWMtQ29kZTogc210cDsgNTUwIDUuMS4xIHVzZXIgdW5rbm93bgpTdGF0dXM6IDUuMS4xCg=="
    )
}

/// qmail's own form (QSBMF): words alone.
pub fn qmail(to: &str, words: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@relay.example.org\nTo: {to}\nSubject: failure notice\n\n\
         Hi. This is the qmail-send program at relay.example.org.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\
         This is a permanent error; I've given up. Sorry it didn't work out.\n\n<ann@example.org>:\n{words}\n\n\
         --- Below this line is a copy of the message.\n\nSubject: Hello\n\nHello\n"
    )
}

/// A report of a provider about a reader (RFC 5965).
pub fn complaint(sender: &str, id: &str, kind: &str) -> String {
    format!(
        "From: <abuse@provider.example>\nTo: <fbl@shop.example>\nSubject: FW: Hello\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=feedback-report;\n boundary=\"part1_13d\"\n\n--part1_13d\n\
         Content-Type: text/plain; charset=\"US-ASCII\"\n\nThis is an email abuse report.\n\n--part1_13d\n\
         Content-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n\
         Original-Mail-From: {sender}\nOriginal-Rcpt-To: <ann@example.org>\nArrival-Date: Sun, 22 Nov 2026 12:00:00 +0000\n\
         Source-IP: 192.0.2.1\n\n--part1_13d\nContent-Type: message/rfc822\nContent-Disposition: inline\n\nFrom: <shop@shop.example>\n\
         Subject: Hello\nMessage-ID: <{id}>\n\nHello\n--part1_13d--\n"
    )
}

pub fn absence(to: &str, id: &str, field: &str) -> String {
    format!(
        "From: ann@example.org\nTo: {to}\nSubject: Away\nIn-Reply-To: <{id}>\n{field}\n\nI am away until Monday.\n"
    )
}

pub fn reply(to: &str, id: &str) -> String {
    format!(
        "From: =?UTF-8?Q?=C3=88ve?= <eve@example.org>\nTo: {to}\nSubject: Re: =?UTF-8?Q?Votre_commande_est_pr=C3=AAte?=\n\
         Message-ID: <abc@example.org>\nIn-Reply-To: <{id}>\nReferences: <first@mail.shop.example> <{id}>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\nBonjour,\n\noù est ma commande ?\n\nÈve\n\nLe dim. 22 nov. 2026 à 12:00, Boutique a écrit :\n\n\
         > Votre commande est prête.\n>\n> La boutique\n"
    )
}
