//! Tests of sms.
