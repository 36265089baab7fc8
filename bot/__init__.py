"""Faqtotum: answers the questions of a Discord server from a curated FAQ, by meaning."""
