package hudson.util;

import com.thoughtworks.xstream.XStream;
import com.thoughtworks.xstream.converters.SingleValueConverter;
import com.thoughtworks.xstream.security.AnyTypePermission;
import hudson.model.Result;

/** Stand-in: XStream as Jenkins sets it up, as far as fields of plain classes go. */
public class XStream2 extends XStream {
    public XStream2() {
        setClassLoader(Thread.currentThread().getContextClassLoader());
        addPermission(AnyTypePermission.ANY);
        ignoreUnknownElements();
        registerConverter(Result.conv, 100);
        registerConverter(new SecretConverter(), 100);
    }

    private static final class SecretConverter implements SingleValueConverter {
        @Override
        @SuppressWarnings("rawtypes")
        public boolean canConvert(Class type) {
            return type == Secret.class;
        }

        @Override
        public String toString(Object obj) {
            return ((Secret) obj).getEncryptedValue();
        }

        @Override
        public Object fromString(String str) {
            return Secret.fromString(str);
        }
    }
}
