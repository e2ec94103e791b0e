"""The way to Google: who signs in, what is asked again and when, what a refusal means."""
