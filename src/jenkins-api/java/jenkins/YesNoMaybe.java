package jenkins;

/** An answer that may be unknown. */
public enum YesNoMaybe {
    YES,
    NO,
    MAYBE
}
