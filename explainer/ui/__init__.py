"""What the pages share: language, navigation, messages, pickers and caches."""
